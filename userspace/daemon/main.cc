#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "daemon/commands.h"
#include "daemon/exit_code.h"
#include "daemon/generated_texts.h"
#include "detect/schedule.h"
#include "version.h"

namespace {

void add_run(CLI::App& app, weir::RunArguments& a, int& code) {
  CLI::App* run = app.add_subcommand("run", "Watch live traffic until stopped; alerts go to standard output as JSON lines");
  run->add_option("INTERFACE", a.interfaces,
                  "Interfaces, or patterns such as 'veth*'; default: the configuration's, else that of the default route");
  run->add_option("-c,--config", a.config, "Configuration file")->type_name("FILE");
  run->add_option("--duration", a.duration_s, "Stop after this many seconds")->type_name("N");
  const CLI::Validator is_date(
      [](const std::string& text) {
        return weir::Moment::parse_loosely(text) ? ""
                                                 : "a date such as 2026-12-24, \"2026-12-24 18:00\" or 2026-12-24T18:00:00Z";
      },
      "DATE");
  run->add_option("--start-date", a.start_date, "Attach then, in local time if it names no zone; default: schedule.from")
      ->check(is_date)
      ->type_name("");
  run->add_option("--end-date", a.end_date, "Stop then; default: schedule.until")->check(is_date)->type_name("");
  run->callback([&] { code = weir::run_command(a); });
}

void add_replay(CLI::App& app, weir::ReplayArguments& a, int& code) {
  CLI::App* replay = app.add_subcommand("replay", "Judge a capture (pcap or pcapng, also gzipped); needs no privilege");
  replay->add_option("CAPTURE", a.capture, "Capture file")->required();
  replay->add_flag("--windows", a.windows, "Print every closed window too");
  replay->add_option("--model", a.model, "Model file instead of the compiled-in one")->type_name("FILE");
  replay->add_option("-c,--config", a.config, "Configuration file")->type_name("FILE");
  replay->callback([&] { code = weir::replay_command(a); });
}

void add_train(CLI::App& app, weir::TrainArguments& a, int& code) {
  CLI::App* train = app.add_subcommand(
      "train", "Train a model on ordinary traffic: a capture, live traffic, or a table of windows or anything else");
  CLI::App* from = train->add_option_group("from", "What to learn from");
  from->require_option(1);
  from->add_option("--from-file", a.from_file,
                   "Capture, or CSV file if its name ends in .csv; - is a table on standard input")
      ->type_name("FILE");
  CLI::Option* duration =
      from->add_option("--duration", a.duration_s, "Watch live traffic for so many seconds; a signal ends it before")
          ->check(CLI::Range(1u, 31'536'000u))
          ->type_name("N");
  train
      ->add_option("INTERFACE", a.interfaces,
                   "Interfaces to watch, with --duration; default: the configuration's, else that of the default route")
      ->needs(duration);
  train->add_option("-o,--output", a.output, "Model file to write")->required()->type_name("FILE");
  train->add_option("--trees", a.trees, "Trees of the forest")->capture_default_str()->check(CLI::Range(1u, 10000u));
  train->add_option("--samples", a.samples, "Windows (rows) that each tree sees")
      ->capture_default_str()
      ->check(CLI::Range(2u, 65536u));
  train->add_option("--seed", a.seed, "The same seed and traffic give the same model")->capture_default_str();
  train->add_option("--threads", a.threads, "Threads; the model is the same with any number; 0: one a processor")
      ->capture_default_str()
      ->check(CLI::Range(0u, 1024u));
  train
      ->add_option("--alarms-per-day", a.alarms_per_day,
                   "False alarms that ordinary traffic may cost; default: alerts.budget_per_day of the configuration")
      ->check(CLI::PositiveNumber);
  train->add_option("--version", a.version, "Name written into the model")->capture_default_str();
  train->add_option("-c,--config", a.config, "Configuration file")->type_name("FILE");
  train->add_option("--columns", a.columns, "Of a table, the columns to learn, joined by commas; default: all")
      ->delimiter(',')
      ->type_name("NAME,...");
  train->add_option("--rows", a.rows, "Of a longer table, a random sample of so many rows is kept")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{100}, std::size_t{1} << 26));
  train
      ->add_option(
          "--contamination", a.contamination,
          "Share that is not ordinary: so many of the sensor's windows, the strangest, are not learned (default 0.002; "
          "--alarms-per-day sets the threshold); of another table it sets the offset, as scikit-learn has it")
      ->check(CLI::Range(0.0, 0.5));
  train->callback([&] { code = weir::train_command(a); });
}

void add_score(CLI::App& app, weir::ScoreArguments& a, int& code) {
  CLI::App* score = app.add_subcommand("score", "Score the rows of a CSV file; prints a CSV file with the column 'score'");
  score->add_option("--model", a.model, "Model file: of weir train, weir model import or tools/sklearn_export.py")
      ->required()
      ->type_name("FILE");
  score->add_option("--csv", a.csv, "Rows, with a header that names the model's columns; - is standard input")
      ->required()
      ->type_name("FILE");
  score
      ->add_option("--explain", a.explain,
                   "Print what each column adds to the score's exponent too: path is fast, shap fair (exact TreeSHAP)")
      ->check(CLI::IsMember({"path", "shap"}))
      ->type_name("HOW");
  score->callback([&] { code = weir::score_command(a); });
}

CLI::App* add_model_command(CLI::App& model, weir::ModelArguments& a, const char* name, const char* what) {
  CLI::App* command = model.add_subcommand(name, what);
  command->add_option("FILE", a.file, "The file to read")->required();
  return command;
}

void add_model_converter(CLI::App& model, weir::ModelArguments& a, int& code, const char* name, const char* what,
                         int (*run)(const weir::ModelArguments&)) {
  CLI::App* command = add_model_command(model, a, name, what);
  command->add_option("-o,--output", a.output, "The file to write")->required()->type_name("FILE");
  command->callback([&a, &code, run] { code = run(a); });
}

void add_model(CLI::App& app, weir::ModelArguments& a, int& code) {
  CLI::App* model = app.add_subcommand("model", "Look at a model file, check it, or turn it into another form");
  model->require_subcommand(1);
  CLI::App* show = add_model_command(*model, a, "show", "Say what a model file is");
  show->add_flag("--json", a.json, "As one JSON object");
  show->callback([&] { code = weir::model_show_command(a); });
  CLI::App* verify = add_model_command(*model, a, "verify", "Check a model file");
  verify->callback([&] { code = weir::model_verify_command(a); });
  add_model_converter(*model, a, code, "import", "Make a model file of an ONNX file that holds an isolation forest",
                      weir::model_import_command);
  add_model_converter(*model, a, code, "bake", "Make C++ tables of a model file, to compile in", weir::model_bake_command);
  CLI::App* to = add_model_command(*model, a, "export", "Make an ONNX file of a model file");
  to->add_flag("--onnx", a.onnx, "The format, which must be named: there is one so far")->required();
  to->add_option("-o,--output", a.output, "The file to write")->required()->type_name("FILE");
  to->callback([&] { code = weir::model_export_command(a); });
}

void add_status(CLI::App& app, weir::StatusArguments& a, int& code) {
  CLI::App* status = app.add_subcommand("status", "Ask the running sensor how it is");
  status->add_option("--url", a.url, "Where it answers, as http://HOST:PORT; default: the configuration's address")
      ->type_name("URL");
  status->add_option("-c,--config", a.config, "Configuration file")->type_name("FILE");
  status->add_flag("--json", a.json, "Print the API's answer as it is");
  status->callback([&] { code = weir::status_command(a); });
}

void add_reload(CLI::App& app, weir::ReloadArguments& a, int& code) {
  CLI::App* reload = app.add_subcommand("reload", "Check the configuration and have the running sensor go on by it");
  reload->add_option("--url", a.url, "Where it answers, as http://HOST:PORT; default: the configuration's address")
      ->type_name("URL");
  reload->add_option("-c,--config", a.config, "Configuration file")->type_name("FILE");
  reload->callback([&] { code = weir::reload_command(a); });
}

void add_explain(CLI::App& app, weir::ExplainArguments& a, int& code) {
  CLI::App* explain = app.add_subcommand("explain", "Ask the running sensor how it judges a host, and why");
  explain->add_option("HOST", a.host, "IPv4 or IPv6 address")->required();
  explain->add_option("--url", a.url, "Where it answers, as http://HOST:PORT; default: the configuration's address")
      ->type_name("URL");
  explain->add_option("-c,--config", a.config, "Configuration file")->type_name("FILE");
  explain->add_flag("--json", a.json, "Print the API's answer as it is");
  explain->callback([&] { code = weir::explain_command(a); });
}

void add_detach(CLI::App& app, weir::DetachArguments& a, int& code) {
  CLI::App* detach = app.add_subcommand("detach", "Remove tc filters that a killed sensor left behind");
  detach->add_option("INTERFACE", a.interfaces, "Interfaces; default: all");
  detach->callback([&] { code = weir::detach_command(a); });
}

void add_check_config(CLI::App& app, weir::CheckConfigArguments& a, int& code) {
  CLI::App* check = app.add_subcommand("check-config", "Check a configuration file and say what the tables will take");
  check->add_option("-c,--config", a.config, "Configuration file")->type_name("FILE");
  check->add_flag("--defaults", a.defaults, "Print a file with every key and its default instead");
  check->callback([&] { code = weir::check_config_command(a); });
}

/// Not for people, so not in the help: the package's build asks.
void add_generate(CLI::App& app) {
  const auto print = [&app](const std::string& kind) {
    const auto rows = weir::command_rows(app);
    const std::string text = kind == "man"          ? weir::command_manual(rows)
                             : kind == "config-man" ? weir::config_manual()
                                                    : weir::bash_completion(rows);
    std::fputs(text.c_str(), stdout);
    throw CLI::Success();
  };
  app.add_option_function<std::string>("--generate", print)
      ->check(CLI::IsMember({"man", "config-man", "complete-bash"}))
      ->trigger_on_parse()
      ->group("");
}

void add_verify(CLI::App& app, weir::VerifyArguments& a, int& code) {
  CLI::App* verify =
      app.add_subcommand("verify", "Check the whole installation, a simulated attack included; exit code 0 if all is well");
  verify->add_option("--url", a.url, "Where the sensor answers, as http://HOST:PORT; default: the configuration's address")
      ->type_name("URL");
  verify->add_option("-c,--config", a.config, "Configuration file")->type_name("FILE");
  verify->add_flag("--json", a.json, "As one JSON object");
  verify->add_flag("--quick", a.quick, "Simulate no attack and wait for no window: four seconds instead of fifteen");
  verify->callback([&] { code = weir::verify_command(a); });
}

void add_setup(CLI::App& app, weir::SetupArguments& a, int& code) {
  CLI::App* setup =
      app.add_subcommand("setup", "Name the interfaces to watch in the configuration file, and start the service");
  setup->add_option("INTERFACE", a.interfaces, "Interfaces, or patterns such as 'eth*'; none: shows what there is");
  setup->add_option("-c,--config", a.config, "Configuration file to edit; default: /etc/weir/weir.yaml")->type_name("FILE");
  setup->add_flag("--no-start", a.no_start, "Only edit the file");
  setup->callback([&] { code = weir::setup_command(a); });
}

int run_weir(int argc, char** argv) {
  CLI::App app("weir: eBPF/XDP network anomaly sensor for Linux gateways", "weir");
  app.set_version_flag("--version", std::string("weir ") + weir::kVersion);
  app.require_subcommand(1);
  app.footer("Exit codes: 0 ok, 1 failed, 2 usage, 69 attach refused, 77 no permission, 78 bad configuration or model.");
  int code = weir::kOk;
  weir::RunArguments run;
  weir::ReplayArguments replay;
  weir::TrainArguments train;
  weir::ScoreArguments score;
  weir::ModelArguments model;
  weir::StatusArguments status;
  weir::ReloadArguments reload;
  weir::ExplainArguments explain;
  weir::DetachArguments detach;
  weir::CheckConfigArguments check_config;
  weir::VerifyArguments verify;
  weir::SetupArguments setup;
  add_run(app, run, code);
  add_replay(app, replay, code);
  add_train(app, train, code);
  add_score(app, score, code);
  add_model(app, model, code);
  add_status(app, status, code);
  add_reload(app, reload, code);
  add_explain(app, explain, code);
  add_detach(app, detach, code);
  add_check_config(app, check_config, code);
  add_generate(app);
  add_verify(app, verify, code);
  add_setup(app, setup, code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? weir::kOk : weir::kUsage;
  }
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run_weir(argc, argv);
  } catch (const std::exception& error) {  // out of memory, mostly: nothing of ours throws
    std::fprintf(stderr, "weir: %s\n", error.what());
    return weir::kFailed;
  }
}
