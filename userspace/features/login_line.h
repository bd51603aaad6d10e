#pragma once

#include <string_view>

namespace weir {

/// A client names a user or a password in the open: FTP and POP3 USER and PASS, APOP, SMTP and POP3 AUTH, IMAP LOGIN and
/// AUTHENTICATE. Not IRC's USER, FTP's AUTH TLS.
bool is_login_command(std::string_view head);

/// A server refuses: FTP 530, SMTP 535, POP3 -ERR and IMAP NO that speak of it. Not SMTP's 530 (wants TLS or a login first),
/// Redis's -ERR about commands.
bool is_login_refused(std::string_view head);

}  // namespace weir
