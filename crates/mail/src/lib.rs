//! E-mail: messages made of plain text and HTML, and the transports that take them away.
