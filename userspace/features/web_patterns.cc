#include "features/web_patterns.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "features/payload_signs.h"
#include "features/request_text.h"

namespace weir {
namespace {

/// Each pattern is the syntax of an attack, not a word of the language: people search for "union select", tools pass
/// "javascript:void(0)" on, and `fields=name|id` is a list. Text is in lower case, decoded; it may end anywhere.
struct Pattern {
  WebAttack attack;
  std::string syntax;
};

// What SQL takes for a space, brackets too; /*!50000 begins a comment that MySQL executes.
#define WEIR_GAP R"((?:[\s(]|/\*[^*]*\*+/|\*/|/\*!\d*))"
// The first quote of a value or path segment ends what the program began; one that was opened before closes nothing.
#define WEIR_BREAK R"([=/][^'"&=/]*['"]\)*)"
// Where a value or a path is over.
#define WEIR_END R"((?:[\x00&?#;\r\n]| http/1))"

std::vector<Pattern> sql_injection() {
  constexpr WebAttack kSql = WebAttack::kSqlInjection;
  return {
      {kSql, R"((?:\b|/\*!\d*)union)" WEIR_GAP R"(+(?:(?:all|distinct))" WEIR_GAP R"(+)?select)" WEIR_GAP
             R"(+(?:null\b|\d+\s*(?:[,)]|--|#|/\*|\bfrom\b)|['"@*]|0x[0-9a-f]|\w+\s*\())"},
      {kSql, R"(\bunion)" WEIR_GAP R"(+all)" WEIR_GAP R"(+select\b)"},
      {kSql, R"((?:['"]|=-?\d+)\)*)" WEIR_GAP R"(+union)" WEIR_GAP R"(+select)" WEIR_GAP R"(+\w+(?:\s*,|\s+from\b))"},
      // A query in brackets, where an expression stands.
      {kSql, R"((?:[=<>,|('"-]|\b(?:and|or|in|not|exists|like|rlike|regexp))\s*\(+\s*select)" WEIR_GAP
             R"(+(?:[\w.@]+\s+from\s+\w|\*|[\w.@]+\s*[(,]|@@|case\b))"},
      {kSql, R"(['"][\s|,]*\(*\s*select\s+(?:[\w.@]+\s+from\s+\w|\*\s*from|\w+\())"},
      // A condition that is always so or never: between constants, or behind a quote that ends the program's own.
      {kSql,
       R"((?:[\d'")]|=)\)*)" WEIR_GAP R"(*(?:&&|\|\||)" WEIR_GAP R"((?:or|and|xor|having|where)\b))" WEIR_GAP
       R"(*(?:\d+\)*\s*(?:=|<>|!=|>|<|like\b)\s*\(*\d|'[^'&]*'\s*(?:=|like\b)\s*['(]|"[^"&]*"\s*(?:=|like\b)\s*["(]))"},
      {kSql, R"(['"]\)*)" WEIR_GAP R"(*(?:\|\||&&|or|and|xor))" WEIR_GAP R"(*(['"])[^'"&]*['"]\s*(?:=|like\b)\s*['"])"},
      {kSql, WEIR_BREAK WEIR_GAP
       R"(+(?:or|and|xor|having))" WEIR_GAP
       R"(+(?:not\s+)?\w+(?:\.\w+)?\s*(?:=|<>|!=|>|<|like\s+['"]|in\s*\(|between\s+\d|is\s+(?:not\s+)?null\b))"},
      {kSql,
       R"((?:[\d'")]\)*|=))" WEIR_GAP R"(+(?:or|and|xor|rlike|regexp))" WEIR_GAP
       R"(+(?:not\s+)?(?:ascii|ord|substr|substring|mid|length|exists|extractvalue|updatexml|elt|row|make_set|ifnull|if)\s*\(\s*[\w('"])"},
      // The rest is a comment.
      {kSql, WEIR_BREAK R"(\s*;?\s*(?:--|#)[\s+-]*(?:[&\r]|http/1))"},
      {kSql, R"(\border)" WEIR_GAP R"(+by)" WEIR_GAP R"(+\d+\s*(?:--|#|/\*))"},
      // Waiting tells, where nothing is shown.
      {kSql,
       R"((?:\b(?:and|or|xor|select|if|when|then|else|rlike)\s*\(*|[,(|'"*;-])\s*(?:pg_)?sleep\(\s*\d+(?:\.\d+)?\s*\))"},
      {kSql, R"(\bbenchmark\s*\(\s*\d{4,}\s*,\s*\w+\()"},
      {kSql, R"([;'")\d])" WEIR_GAP R"(*waitfor)" WEIR_GAP R"(+(?:delay|time))" WEIR_GAP R"(*['"])"},
      {kSql, R"(\bdbms_(?:pipe\.receive_message|lock\.sleep)\s*\(\s*['"(\dc])"},
      // Another statement.
      {kSql,
       R"(['"\d)]?\s*;\s*(?:drop|truncate|alter|create)\s+(?:table|database|schema|user|procedure|function|extension)\s+\w)"},
      {kSql,
       R"(;\s*(?:insert\s+into\s+\w+\s*(?:\(|values|select)|delete\s+from\s+\w|update\s+\w+\s+set\s+\w+\s*=|declare\s+@\w))"},
      {kSql,
       R"(;\s*(?:select\s+(?:\*|\w+\s*\(|\w+\s+from\b)|shutdown\s*(?:--|;)|exec(?:ute)?[\s(]+(?:master\b|xp_|sp_|@|['"])))"},
      {kSql, R"(\bxp_(?:cmdshell|dirtree|regread)\s*['"(])"},
      // What only tells about the database, or gets a value out by an error.
      {kSql, R"(\b(?:extractvalue|updatexml)\s*\(\s*[\w'"]+\s*,\s*(?:concat|0x|\())"},
      {kSql, R"(\b(?:concat|concat_ws|unhex|hex|char)\s*\(\s*0x[0-9a-f])"},
      {kSql, R"(\bcha?r\s*\(\s*\d+\s*\)[\s+|]*cha?r\s*\(\s*\d)"},
      {kSql, R"((?:\bselect\b|\b(?:and|or)\b|[,(|=])\s*(?:group_concat|load_file)\s*\(\s*[\w'"@])"},
      {kSql, R"(\binto)" WEIR_GAP R"(+(?:out|dump)file)" WEIR_GAP R"(*['"])"},
      {kSql, R"(\bprocedure\s+analyse\s*\()"},
  };
}

std::vector<Pattern> cross_site_scripting() {
  constexpr WebAttack kXss = WebAttack::kCrossSiteScripting;
  return {
      {kXss, R"(<script[^>]*>\s*(?:\w[\w.\[\]]*\s*[=(`\[]|//|/\*|['"\]}]))"},
      {kXss, R"(<script[\s/][^>]*\bsrc\s*=)"},
      {kXss, R"(['"]\s*/?>\s*<script[\s>/])"},
      {kXss, R"(<[a-z]\w*[^>]*[\s/'"]on[a-z]{3,20}\s*=\s*['"`]?\s*[a-z_$\[(!])"},
      {kXss,
       R"(['"]\s*(?:\S+\s+)?on(?:error|load|focus|mouse\w+|click|toggle|animation\w+|pointer\w+)\s*=\s*['"`]?\s*(?:alert|confirm|prompt|eval|fetch|\w+[`(]))"},
      {kXss,
       R"(\bjavascript:\s*(?:/\*.*\*/|//[^\s&]*\s)?\s*(?:(?:alert|confirm|prompt|eval|atob|fetch|import)\s*[(`]|document\.(?:cookie|write|domain)\b))"},
      {kXss,
       R"((?:\b(?:alert|confirm|prompt|eval|fetch|escape|write|btoa)\s*[(`]|(?:location|src|href)\s*=)[^&]*\bdocument\.(?:cookie|domain)\b)"},
      {kXss, R"(<(?:iframe|frame|object|embed)\b[^>]*\b(?:src|data|srcdoc)\s*=\s*['"]?\s*(?:javascript:|data:|<))"},
  };
}

// Files that a web server never means to serve, as far as a name alone tells.
#define WEIR_SECRET                                                                            \
  R"((?:etc[/\\]+(?:(?:passwd|shadow|group|hosts|issue|hostname|crontab|my\.cnf)\b|ssh/\w+)|)" \
  R"(proc/+(?:version\b|(?:self|\d+)/+(?:environ|cmdline|maps|status|fd/\d+))|)"               \
  R"(win(?:dows|nt)[/\\]+(?:(?:system32|repair)[/\\][^\s&]*|win\.ini)))"

std::vector<Pattern> file_access() {
  constexpr WebAttack kFile = WebAttack::kFileAccess;
  return {
      {kFile, R"((?:\.\.[/\\]+){3,})"},
      {kFile, R"(\A[a-z]+ (?:https?://[^/\s]*)?[/\\]*(?:\.\.[/\\;]+){2,})"},
      {kFile, R"((?:\.{3,}[/\\]{1,4}){3,})"},
      {kFile, R"(/\.\.;/|/vpn/\.\./vpns/)"},
      {kFile, R"((?:\.\.[/\\]+|file:/+(?:localhost/)?(?:[a-z]:/+)?))" WEIR_SECRET},
      {kFile, R"((?:=|\A[a-z]+ )(?:[/\\]+|[a-z]:[/\\]+))" WEIR_SECRET WEIR_END},
      {kFile, R"((?:\.\.[/\\]+|[=/\\][a-z]:[/\\]+)(?:[\w.]+[/\\]+)*(?:win|boot|system)\.ini)"},
      {kFile, R"(=\s*php://(?:filter/|input)" WEIR_END R"()|\bphp://filter/(?:read=|write=|convert|string|zlib|resource))"},
      {kFile, R"(=\s*(?:expect://\w|phar://[\w./]|zip://[\w./]+#|data://text/|data:text/plain;base64,pd9))"},
      {kFile, R"(/\.git/(?:config|index|logs/\w+)" WEIR_END R"()|/\.svn/(?:entries|wc\.db)|/\.hg/hgrc)"},
      {kFile, R"(\A[a-z]+ \S*/\.env(?:\.(?:local|dev|prod|production|bak|backup|old|save))?)" WEIR_END},
      {kFile, R"(\A[a-z]+ \S*/\.(?:htpasswd|htaccess|bash_history|pgpass|netrc|npmrc|git-credentials|my\.cnf))" WEIR_END},
      {kFile, R"(/\.aws/credentials|/\.ssh/(?:id_\w+|authorized_keys)|/\.kube/config|/\.docker/config\.json)"},
      {kFile, R"(\A[a-z]+ \S*/\.?wp-config\.(?:php|inc|txt|bak|old)[\w.~-]*)" WEIR_END},
      {kFile, R"(/(?:web|meta)-inf/(?:web\.xml|classes/|lib/|context\.xml))"},
      {kFile, R"([?&]auth=ywrtaw46mt)"},  // Hikvision: admin:1... in base64 opens every file
  };
}

// A shell command with arguments as commands have them, so that `dog|cat food` and `fields=name|id` are none.
#define WEIR_COMMAND                                                                                                                   \
  R"((?:(?:wget|curl|tftp|ftpget|fetch)\s+(?:-|https?:|ftp:|\d+\.\d+\.|[\w.-]+\.\w+/|\$)|cat\s+(?:['"]?/|\.\.?/|<|\$)|)"               \
  R"(uname\s+-|ping6?\s+-[a-z]|ls\s+[-/]|ps\s+-|rm\s+-[rf]|cd\s+/(?:tmp|var|dev|mnt|root)|nc(?:at)?\s+(?:-|\d+\.\d)|)"                 \
  R"(chmod\s+(?:-r\s+)?(?:[0-7]{3,4}|[ugoa]*\s*[+ ]?[rwx]{1,3})\s+\S|(?:/bin/)?(?:busybox\s+\w|(?:ba|da|z|k|a)?sh\s+(?:-[ci]|/tmp))|)" \
  R"(/bin/\w+|(?:python[23]?|perl|ruby|php)\s+-[cer]\s|nslookup\s+[\w-]+\.\w|powershell(?:\.exe)?\s+-|certutil(?:\.exe)?\s+-|)"        \
  R"(cmd(?:\.exe)?\s+/c|net\s+user\b|ipconfig\s*/all|dir\s+c:|type\s+c:|echo\s+[^|&]*(?:>|\|\s*(?:ba)?sh)|sleep\s+\d+\s*(?:[;|&`#)\r]|http/1)))"

std::vector<Pattern> shell_command() {
  constexpr WebAttack kShell = WebAttack::kShellCommand;
  return {
      {kShell, R"((?:[;|&`\n]|\$\()\s*)" WEIR_COMMAND},
      {kShell, R"((?:[;|`\n]|&&|\$\()\s*(?:whoami|ifconfig|netstat)\s*(?:[;|&`)#\r]|http/1))"},
      {kShell, R"((?:=[\d.]*\s*(?:[;|`\n]+|&&)|\$\()\s*(?:id|ls|pwd|env|set|dir|uname|hostname)\s*(?:[;|&`)#\r]|http/1))"},
      {kShell, R"(\$\{ifs\}|\$ifs[$\d%])"},
      {kShell, R"(=\s*(?:/usr)?/bin/(?:ba|da|z|a)?sh\b|\?/bin/(?:ba)?sh\b|\.\./+bin/(?:ba|da)?sh\b)"},
      {kShell,
       R"((?:/|\\)(?:cmd|root)\.exe\?/?c|system32[/\\]+cmd\.exe|=cmd(?:\.exe)?\s+/c\s+(?:dir|type|ver|echo|whoami|net|ping|del|copy)\b)"},
      // Programs that run what a request says, by the request that makes them (name of the weakness beside it).
      {kShell, R"(/phpunit/(?:phpunit/)?(?:src/)?util/php/eval-stdin\.php)"},             // CVE-2017-9841
      {kShell, R"([?&]class\.module\.classloader\.)"},                                    // Spring4Shell
      {kShell, R"(\\think\\\w+[/\\]invokefunction|function=call_user_func_array&vars)"},  // ThinkPHP 5
      {kShell, R"([?&]s=/?index/\\?think\\)"},                                            // the same
      {kShell, R"(/gponform/diag_form\?(?:images|style|script)/)"},                       // GPON routers
      {kShell, R"(\Aput /sdk/weblanguage\b)"},                                            // Hikvision, CVE-2021-36260
      {kShell, R"(/setup\.cgi\?[^ ]*todo=syscmd|/shell\?cd\s+/)"},                        // Netgear; JAWS
      {kShell, R"([-\xad]d\s+(?:allow_url_include|auto_prepend_file)\s*=)"},              // PHP as CGI
      {kShell, R"(element_parents=[\w/]+/#value)"},                                       // Drupalgeddon 2
      {kShell, R"(/autodiscover\.json\?@)"},                                              // ProxyShell
      {kShell,
       R"([%$]\{\s*(?:\(?\s*#\w+\s*[=.\[(]|@?java\.|t\(java\.|new\s+java\.)|(?:redirect|action):[%$]\{)"},  // Struts, OGNL
      {kShell, R"(@java\.lang\.\w+@|\bt\(\s*java\.lang\.|\bjava\.lang\.runtime\W{0,3}getruntime|#_memberaccess\b)"},
      {kShell, R"(\bfreemarker\.template\.utility\.execute\b|\{\{[^}&]*__(?:class|globals|import|mro)__)"},
      {kShell,
       R"(=\s*<\?(?:php|=)\s|(?:=|['"]\s*\.)\s*(?:system|passthru|shell_exec|popen|proc_open)\s*\(\s*\\?['"$]|[;=]\s*phpinfo\s*\(\s*\)\s*;)"},
  };
}

// As they call themselves. A word of other programs' too (xray, hydra alone) is left out.
#define WEIR_NAMES                                                                                                             \
  R"(\b(?:nikto|sqlmap|nmap scripting|masscan|zgrab|dirbuster|gobuster|wfuzz|feroxbuster|fuzz faster u fool|nuclei|acunetix|)" \
  R"(nessus|openvas|w3af|whatweb|wpscan|arachni|skipfish|havij|netsparker|invicti|joomscan|zmeu|fimap|webinspect|commix|)"     \
  R"(dirsearch|morfeus|jorgee|muieblackcat|jaeles|httprecon|vega/\d|mozilla/\d\.0 \(hydra\)))"

/// In header fields too.
std::vector<Pattern> anywhere() {
  return {
      {WebAttack::kShellCommand,
       R"(\$\{\s*(?:jndi:|(?:lower|upper|base64):|(?:env|sys):[\w.]*:-|::-|\$\{(?:::-|\w+:)))"},  // Log4Shell
      {WebAttack::kShellCommand, R"((?:\n[\w-]+:\s*|[?&=])\(\)\s*\{\s*(?:[:_]|\w+)?\s*;)"},       // Shellshock
      {WebAttack::kShellCommand, R"(\ncontent-type:[^\n]*%\{\s*\(?\s*#\w)"},                      // Struts
      {WebAttack::kScanner, R"(\nuser-agent:[^\n]*)" WEIR_NAMES R"(\W)"},
      // Paths that nobody but the scanner asks for, to see what an error looks like.
      {WebAttack::kScanner,
       R"(\A[a-z]+ (?:https?://[^/\s]*)?/+(?:nice ports,|nmaplowercheck\d|nmapuppercheck\d|nmap/folder/check)"
       R"(|nikto-test-\w|w00tw00t\.|acunetix-wvs-test|muieblackcat\b|openvas\w*\.|appscan_fingerprint))"},
  };
}

/// One pass over the text for all patterns of a scope. Without backtracking: hostile text cannot make it slow.
class PatternSet {
 public:
  PatternSet(std::initializer_list<std::vector<Pattern>> groups) : set_(options(), RE2::UNANCHORED) {
    for (const auto& group : groups)
      for (const Pattern& pattern : group) {
        if (set_.Add(pattern.syntax, nullptr) != static_cast<int>(attacks_.size())) std::abort();  // logged by RE2
        attacks_.push_back(pattern.attack);
      }
    if (!set_.Compile()) std::abort();
  }

  std::uint8_t match(std::string_view text) const {
    std::vector<int> matched;
    set_.Match({text.data(), text.size()}, &matched);
    unsigned bits = 0;
    for (const int i : matched) bits |= 1U << static_cast<unsigned>(attacks_[static_cast<std::size_t>(i)]);
    return static_cast<std::uint8_t>(bits);
  }

 private:
  static RE2::Options options() {
    RE2::Options o(RE2::Latin1);  // bytes, whatever they mean
    o.set_dot_nl(true);
    o.set_never_capture(true);
    return o;
  }

  RE2::Set set_;
  std::vector<WebAttack> attacks_;  // by number in the set
};

}  // namespace

std::uint8_t find_web_attacks(std::string_view head) {
  static const PatternSet in_line({sql_injection(), cross_site_scripting(), file_access(), shell_command()});
  static const PatternSet in_head({anywhere()});
  const RequestText request(head);
  return in_line.match(request.line()) | in_head.match(request.all());
}

}  // namespace weir
