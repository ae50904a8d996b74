/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys as danests_nexthop_key() spells them: "example.com:587", "[mx.example.com]". */
#ifndef PLUGIN_KEY_H
#define PLUGIN_KEY_H

#include <stddef.h>

/* Where the domain begins in a key of *len octets; *len becomes its length. */
const char *key_domain(const char *key, size_t *len);

#endif
