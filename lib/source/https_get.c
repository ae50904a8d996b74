/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/https_get.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "plan/answer.h"
#include "source/https_addr.h"

enum {
	SLOW_BYTES = 16,       /* octets per second, less is given up ... */
	SLOW_SECONDS = 20,     /* ... after that long */
};

/* ---- What curl calls ---- */

/* Second belt: whatever curl is about to connect to. */
static curl_socket_t on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct https_get *get = arg;
	int fd;

	if (purpose != CURLSOCKTYPE_IPCXN)
		return CURL_SOCKET_BAD;
	if (!get->conf->allow_private &&
	    !https_addr_sockaddr_global(&to->addr, (socklen_t)to->addrlen))
		return CURL_SOCKET_BAD;
	fd = socket(to->family, to->socktype, to->protocol);
	if (fd == -1)
		return CURL_SOCKET_BAD;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1) {
		close(fd);
		return CURL_SOCKET_BAD;
	}
	return fd;
}

/* curl has the addresses. That it wants to look up one would be a thread and a
 * packet that nobody asked for. */
static int on_resolve(void *state, void *reserved, void *arg)
{
	(void)state;
	(void)reserved;
	(void)arg;
	return 1;
}

/* TLS stands, nothing has been sent. S7 */
static int on_connected(void *arg, char *ip, char *local_ip, int port, int local_port)
{
	struct https_get *get = arg;
	struct curl_certinfo *chain = NULL;
	char why[HTTPS_WHY] = "";

	(void)ip;
	(void)local_ip;
	(void)port;
	(void)local_port;
	get->verified = curl_easy_getinfo(get->easy, CURLINFO_CERTINFO, &chain) == CURLE_OK &&
	    https_cert_good(get->authorities, chain, get->host, why);
	if (get->verified)
		return CURL_PREREQFUNC_OK;
	https_get_fail(get, FAILURE_STS_WEBPKI, "%s", why);
	return CURL_PREREQFUNC_ABORT;
}

static const char *value_of(const char *line, size_t len, const char *name, size_t *value_len)
{
	size_t n = strlen(name);

	if (len <= n || line[n] != ':' || !text_equal_nocase_n(line, n, name))
		return NULL;
	for (n++; n < len && text_is_blank(line[n]); n++)
		;
	while (len > n && (text_is_blank(line[len - 1]) || line[len - 1] == '\r' ||
	    line[len - 1] == '\n'))
		len--;
	*value_len = len - n;
	return line + n;
}

/* S9: text/plain, whatever its parameters. */
static bool is_plain(const char *type, size_t len)
{
	size_t n = 0;

	while (n < len && type[n] != ';' && !text_is_blank(type[n]))
		n++;
	return text_equal_nocase_n(type, n, "text/plain");
}

static long http_code(const struct https_get *get)
{
	long code = 0;

	return curl_easy_getinfo(get->easy, CURLINFO_RESPONSE_CODE, &code) == CURLE_OK ?
	    code : 0;
}

static size_t on_header(char *line, size_t one, size_t len, void *arg)
{
	struct https_get *get = arg;
	const char *value;
	char shown[60];
	size_t n;

	(void)one;
	get->header_bytes += len;
	if (get->header_bytes > HTTPS_HEADER_MAX)
		return https_get_fail(get, FAILURE_STS_FETCH, "HTTP header larger than %d bytes",
		    HTTPS_HEADER_MAX);
	if (http_code(get) != 200)
		return len;
	value = value_of(line, len, "content-type", &n);
	if (value != NULL && !is_plain(value, n)) {
		text_printable(shown, sizeof(shown), value, n);
		return https_get_fail(get, FAILURE_STS_INVALID,
		    "media type %s, not text/plain", shown);
	}
	/* We asked for none (5.21), and would have to bound what comes out of it. */
	value = value_of(line, len, "content-encoding", &n);
	if (value != NULL && !text_equal_nocase_n(value, n, "identity")) {
		text_printable(shown, sizeof(shown), value, n);
		return https_get_fail(get, FAILURE_STS_INVALID, "content encoding %s", shown);
	}
	return len;
}

static size_t on_body(char *data, size_t one, size_t len, void *arg)
{
	struct https_get *get = arg;

	(void)one;
	if (http_code(get) != 200)
		return https_get_fail_status(get, http_code(get));
	if (len > STSBODY_MAX - get->body.len)
		return https_get_fail_size(get);
	buf_add(&get->body, data, len);
	if (get->body.bad)
		return https_get_fail(get, FAILURE_LOCAL, "out of memory");
	return len;
}

/* ---- Set up ---- */

static const struct {
	CURLoption option;
	long value;
} numbers[] = {
	{ CURLOPT_NOSIGNAL, 1 },
	{ CURLOPT_NOPROGRESS, 1 },
	{ CURLOPT_HTTPGET, 1 },
	{ CURLOPT_FOLLOWLOCATION, 0 },                     /* S8 */
	{ CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1 },   /* the least code */
	{ CURLOPT_HTTP09_ALLOWED, 0 },
	{ CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },   /* and later: S7 */
	{ CURLOPT_SSL_VERIFYPEER, 0 },                     /* on_connected() does it */
	{ CURLOPT_SSL_VERIFYHOST, 0 },
	{ CURLOPT_CERTINFO, 1 },
	{ CURLOPT_SSL_SESSIONID_CACHE, 0 },                /* a resumed one shows no chain */
	{ CURLOPT_FRESH_CONNECT, 1 },
	{ CURLOPT_FORBID_REUSE, 1 },
	{ CURLOPT_NETRC, CURL_NETRC_IGNORED },
	{ CURLOPT_DNS_CACHE_TIMEOUT, 30 },
	{ CURLOPT_MAXFILESIZE, STSBODY_MAX },
	{ CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES },
	{ CURLOPT_LOW_SPEED_TIME, SLOW_SECONDS },
};

/* No environment variable decides where we go. */
static const struct {
	CURLoption option;
	const char *value;
} strings[] = {
	{ CURLOPT_PROXY, "" },
	{ CURLOPT_NOPROXY, "*" },
	{ CURLOPT_CAINFO, NULL },
	{ CURLOPT_CAPATH, NULL },
	{ CURLOPT_USERAGENT, "libdanests" },
};

#if LIBCURL_VERSION_NUM >= 0x075500
static const struct {
	CURLoption option;
	const char *value;
} schemes[] = {
	{ CURLOPT_PROTOCOLS_STR, "https" },
	{ CURLOPT_REDIR_PROTOCOLS_STR, "https" },
};
#else
static const struct {
	CURLoption option;
	long value;
} schemes[] = {
	{ CURLOPT_PROTOCOLS, CURLPROTO_HTTPS },
	{ CURLOPT_REDIR_PROTOCOLS, CURLPROTO_HTTPS },
};
#endif

/* Each of them matters: an option that this libcurl does not know is a failure. */
static bool set_constants(CURL *easy)
{
	bool ok = true;

	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		ok = ok && curl_easy_setopt(easy, numbers[i].option, numbers[i].value) == CURLE_OK;
	for (size_t i = 0; i < COUNT_OF(strings); i++)
		ok = ok && curl_easy_setopt(easy, strings[i].option, strings[i].value) == CURLE_OK;
	for (size_t i = 0; i < COUNT_OF(schemes); i++)
		ok = ok && curl_easy_setopt(easy, schemes[i].option, schemes[i].value) == CURLE_OK;
	return ok;
}

static bool set_calls(struct https_get *get)
{
	CURL *e = get->easy;

	return curl_easy_setopt(e, CURLOPT_PRIVATE, get) == CURLE_OK &&
	    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, get->said) == CURLE_OK &&
	    curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_open) == CURLE_OK &&
	    curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, get) == CURLE_OK &&
	    curl_easy_setopt(e, CURLOPT_RESOLVER_START_FUNCTION, on_resolve) == CURLE_OK &&
	    curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_connected) == CURLE_OK &&
	    curl_easy_setopt(e, CURLOPT_PREREQDATA, get) == CURLE_OK &&
	    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
	    curl_easy_setopt(e, CURLOPT_HEADERDATA, get) == CURLE_OK &&
	    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
	    curl_easy_setopt(e, CURLOPT_WRITEDATA, get) == CURLE_OK;
}

static bool set_target(struct https_get *get)
{
	char url[sizeof(get->host) + 64], port[16] = "";

	if (get->conf->port != 443)
		text_format(port, sizeof(port), ":%d", get->conf->port);
	text_format(url, sizeof(url), "https://%s%s/.well-known/mta-sts.txt", get->host, port);
	return curl_easy_setopt(get->easy, CURLOPT_URL, url) == CURLE_OK &&
	    curl_easy_setopt(get->easy, CURLOPT_RESOLVE, get->resolve) == CURLE_OK &&
	    curl_easy_setopt(get->easy, CURLOPT_TIMEOUT_MS,
	    (long)get->timeout_ms) == CURLE_OK &&
	    curl_easy_setopt(get->easy, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)get->timeout_ms) == CURLE_OK;
}

bool https_get_aim(struct https_get *get, const char *domain, const struct answer *addr)
{
	char list[HTTPS_ADDR_LIST], entry[sizeof(get->host) + sizeof(list) + 16];

	if (strlen(domain) > DOMAIN_MAX - strlen("mta-sts."))
		return https_get_fail(get, FAILURE_STS_FETCH, "policy host name is too long");
	text_format(get->host, sizeof(get->host), "mta-sts.%s", domain);
	if (addr == NULL || addr->count == 0 || addr->kind != QUESTION_ADDR)
		return https_get_fail(get, FAILURE_STS_FETCH, "policy host %s has no address%s%s",
		    get->host, addr != NULL && addr->reason != NULL ? ": " : "",
		    addr != NULL && addr->reason != NULL ? addr->reason : "");
	if (https_addr_list(list, addr, get->conf->allow_private) == 0)
		return https_get_fail(get, FAILURE_STS_FETCH, "policy host %s has only "
		    "non-global addresses (private_policy_hosts = deny)", get->host);
	/* "+": for a while only; it does not stay with the multi handle. */
	text_format(entry, sizeof(entry), "+%s:%d:%s", get->host, get->conf->port, list);
	get->resolve = curl_slist_append(NULL, entry);
	return get->resolve != NULL || https_get_fail(get, FAILURE_LOCAL, "out of memory");
}

bool https_get_open(struct https_get *get)
{
	get->easy = curl_easy_init();
	if (get->easy == NULL)
		return https_get_fail(get, FAILURE_LOCAL, "out of memory");
	if (!set_constants(get->easy) || !set_calls(get) || !set_target(get))
		return https_get_fail(get, FAILURE_LOCAL,
		    "libcurl: out of memory, or an option is missing");
	return true;
}

void https_get_close(struct https_get *get)
{
	curl_easy_cleanup(get->easy);
	curl_slist_free_all(get->resolve);
	buf_free(&get->body);
	get->easy = NULL;
	get->resolve = NULL;
}
