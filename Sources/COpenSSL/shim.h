// SPDX-License-Identifier: Apache-2.0
#ifndef COPENSSL_SHIM_H
#define COPENSSL_SHIM_H

// OpenSSL 1.1.1 or later, as far as a client needs it: Swift sees no macros, so they are functions here.

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// An encrypted key file is an error: nobody is there to type its password, and OpenSSL would ask for it at the
// terminal.
static int tls_no_password(char *buffer, int size, int writing, void *data) {
    (void)buffer, (void)size, (void)writing, (void)data;
    return 0;
}

// Settings of a client that takes no server whose certificate it cannot check. NULL if OpenSSL failed.
static inline SSL_CTX *tls_context(void) {
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (context == NULL) return NULL;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_default_passwd_cb(context, tls_no_password);
    // Without renegotiation a write never has to wait for a read.
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1) return context;
    SSL_CTX_free(context);
    return NULL;
}

static inline int tls_use_key(SSL_CTX *context, const char *file) {
    return SSL_CTX_use_PrivateKey_file(context, file, SSL_FILETYPE_PEM);
}

// Sets the name or IP address that the server's certificate has to be for; a name is asked for as well. 1, or 0 if
// OpenSSL failed.
static inline int tls_expect(SSL *session, const char *name) {
    X509_VERIFY_PARAM *wanted = SSL_get0_param(session);
    if (X509_VERIFY_PARAM_set1_ip_asc(wanted, name) == 1) return 1;
    ERR_clear_error();
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(session, name) == 1 && SSL_set_tlsext_host_name(session, name) == 1;
}

// Whether an error's reason is a number of the system's rather than one of OpenSSL's.
static inline int tls_is_of_system(unsigned long error) { return ERR_GET_LIB(error) == ERR_LIB_SYS; }

static inline int tls_reason(unsigned long error) { return ERR_GET_REASON(error); }

#endif
