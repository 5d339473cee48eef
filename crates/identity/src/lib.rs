//! Who somebody is: passwords, single-use secrets, second factors and sign-in through OpenID Connect.
