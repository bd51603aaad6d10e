#pragma once

#include <optional>
#include <string>
#include <vector>

namespace weir {

/// What the command line said. Each command returns a process exit code (exit_code.h).
struct RunArguments {
  std::vector<std::string> interfaces;  ///< none: the configuration's, else the default route's
  std::string config;                   ///< path; empty: kDefaultConfig if it exists
  std::optional<unsigned> duration_s;
  std::string start_date, end_date;  ///< as Moment::parse_loosely; empty: the configuration's
};
int run_command(const RunArguments& arguments);

struct ReplayArguments {
  std::string capture;
  std::string config;
  std::string model;     ///< file; empty: the configuration's, else the compiled-in one
  bool windows = false;  ///< print every closed window too
};
int replay_command(const ReplayArguments& arguments);

struct TrainArguments {
  std::string from_file;                ///< capture, or a table if its name ends in .csv or is -
  std::optional<unsigned> duration_s;   ///< of live traffic, instead
  std::vector<std::string> interfaces;  ///< of that; none: as RunArguments
  std::string output;
  std::string config;
  unsigned trees = 300, samples = 256;
  std::uint64_t seed = 1;
  unsigned threads = 0;                  ///< 0: as many as there are processors
  std::optional<double> alarms_per_day;  ///< default: the configuration's
  std::string version = "trained";

  std::vector<std::string> columns;  ///< of a table: these; none: all, or the sensor's features if it has them
  std::optional<double> contamination;
  std::size_t rows = std::size_t{1} << 18;  ///< of a table at most so many are kept
};
int train_command(const TrainArguments& arguments);

struct ReloadArguments {
  std::string config;
  std::string url;  ///< as StatusArguments
};
int reload_command(const ReloadArguments& arguments);

struct ScoreArguments {
  std::string model;  ///< file of this sensor or of another library
  std::string csv;
  std::string explain;  ///< path, shap; empty: scores alone
};
int score_command(const ScoreArguments& arguments);

struct ModelArguments {
  std::string file;
  std::string output;  ///< of import, export and bake
  bool json = false;   ///< of show
  bool onnx = false;   ///< of export: the one format there is
};
int model_show_command(const ModelArguments& arguments);
int model_verify_command(const ModelArguments& arguments);
int model_import_command(const ModelArguments& arguments);
int model_export_command(const ModelArguments& arguments);
int model_bake_command(const ModelArguments& arguments);

struct CheckConfigArguments {
  std::string config;
  bool defaults = false;  ///< print a file with every key and its default instead
};
int check_config_command(const CheckConfigArguments& arguments);

struct StatusArguments {
  std::string config;
  std::string url;  ///< empty: where the configuration says that the daemon listens
  bool json = false;
};
int status_command(const StatusArguments& arguments);

struct ExplainArguments {
  std::string host;
  std::string config;
  std::string url;  ///< as of StatusArguments
  bool json = false;
};
int explain_command(const ExplainArguments& arguments);

struct DetachArguments {
  std::vector<std::string> interfaces;  ///< none: all there are
};
int detach_command(const DetachArguments& arguments);

struct VerifyArguments {
  std::string config;
  std::string url;  ///< as of StatusArguments
  bool json = false;
  bool quick = false;  ///< without the simulated attack, and waiting for no window
};
int verify_command(const VerifyArguments& arguments);

struct SetupArguments {
  std::vector<std::string> interfaces;  ///< none: show what there is
  std::string config;                   ///< to edit; empty: kDefaultConfig
  bool no_start = false;
};
int setup_command(const SetupArguments& arguments);

}  // namespace weir
