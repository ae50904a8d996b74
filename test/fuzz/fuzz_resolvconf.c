/* SPDX-License-Identifier: BSD-2-Clause */
/* Input: a resolv.conf, whose first line is also read as a resolver setting.
 * Laws: one to eight nameservers; what is written is read back the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "danests.h"
#include "source/dns_conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct dns_servers *list)
{
	char all[DNS_SERVERS_MAX * (DNS_SERVER_TEXT_MAX + 2)], problem[256];
	struct dns_servers back;

	if (list->count < 1 || list->count > DNS_SERVERS_MAX)
		abort();
	dns_servers_text(list, all, sizeof(all));
	if (dns_servers_parse(&back, all, problem, sizeof(problem)) != DANESTS_OK ||
	    !dns_servers_equal(&back, list))
		abort();
	for (size_t i = 0; i < list->count; i++)
		if (dns_servers_remote(list) == NULL && !dns_server_loopback(&list->at[i]))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_servers list;
	char line[512] = "", problem[256];
	size_t len = 0;

	dns_resolvconf_parse(&list, (const char *)data, size);
	check(&list);
	while (len < size && len < sizeof(line) - 1 && data[len] != '\n' && data[len] != '\0')
		len++;
	if (len > 0)
		memcpy(line, data, len);
	if (dns_servers_parse(&list, line, problem, sizeof(problem)) == DANESTS_OK)
		check(&list);
	return 0;
}
