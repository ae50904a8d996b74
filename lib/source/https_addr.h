/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses that a stranger's DNS must not make us connect to (S27, private_policy_hosts). */
#ifndef SOURCE_HTTPS_ADDR_H
#define SOURCE_HTTPS_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "plan/answer.h"

/* family 4 or 6. True only for unicast addresses of the public Internet; an IPv6
 * address that carries an IPv4 one across a translator is what that one is. */
bool https_addr_global(int family, const uint8_t *bytes);

/* The same of a socket address; families we do not know are not global. */
bool https_addr_sockaddr_global(const struct sockaddr *sa, socklen_t len);

/*
 * The addresses of an ADDR answer as curl wants them, "192.0.2.1,[2001:db8::1]":
 * families in turn, at most HTTPS_ADDR_MAX of them, without those that are not
 * global unless allowed. Returns how many.
 */
#define HTTPS_ADDR_MAX 8
#define HTTPS_ADDR_LIST (HTTPS_ADDR_MAX * 49)
size_t https_addr_list(char out[HTTPS_ADDR_LIST], const struct answer *addr,
    bool allow_private);

/*
 * The network of the first address of that list: its /24 or /48, family first. An
 * IPv4 address behind a translator counts as what it is. Zeroes for an empty list.
 */
#define HTTPS_ADDR_NETWORK 7
void https_addr_network(uint8_t out[HTTPS_ADDR_NETWORK], const struct answer *addr,
    bool allow_private);

#endif
