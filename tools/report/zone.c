/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/zone.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/text.h"

/* ---- POSIX: std offset [dst [offset] [,rule]] ---- */

/* "CET", "<+03>": at least three characters. */
static bool take_name(const char **at)
{
	const char *end = *at;

	if (*end == '<') {
		for (end++; text_is_alnum(*end) || *end == '+' || *end == '-'; end++)
			;
		if (*end != '>' || end - *at < 4)
			return false;
		*at = end + 1;
		return true;
	}
	while (text_is_alpha(*end))
		end++;
	if (end - *at < 3)
		return false;
	*at = end;
	return true;
}

static bool take_number(const char **at, uint64_t min, uint64_t max)
{
	size_t digits = 0;
	uint64_t n;

	while (text_is_digit((*at)[digits]))
		digits++;
	if (!text_number(*at, digits, min, max, &n))
		return false;
	*at += digits;
	return true;
}

/* "[+-]hh[:mm[:ss]]"; rules go up to a week. */
static bool take_hours(const char **at, uint64_t max)
{
	if (**at == '+' || **at == '-')
		(*at)++;
	if (!take_number(at, 0, max))
		return false;
	for (int i = 0; i < 2 && **at == ':'; i++) {
		(*at)++;
		if (!take_number(at, 0, 59))
			return false;
	}
	return true;
}

/* "M3.5.0", "J60", "59", each with "/time" behind it or not */
static bool take_rule(const char **at)
{
	bool good;

	if (**at == 'M') {
		(*at)++;
		good = take_number(at, 1, 12) && *(*at)++ == '.' && take_number(at, 1, 5) &&
		    *(*at)++ == '.' && take_number(at, 0, 6);
	} else if (**at == 'J') {
		(*at)++;
		good = take_number(at, 1, 365);
	} else {
		good = take_number(at, 0, 365);
	}
	if (!good || **at != '/')
		return good;
	(*at)++;
	return take_hours(at, 167);
}

static bool is_posix(const char *at)
{
	if (!take_name(&at) || !take_hours(&at, 24))
		return false;
	if (*at == '\0')
		return true;
	if (!take_name(&at) || (*at != '\0' && *at != ',' && !take_hours(&at, 24)))
		return false;
	if (*at == '\0')
		return true;
	if (*at++ != ',' || !take_rule(&at) || *at++ != ',' || !take_rule(&at))
		return false;
	return *at == '\0';
}

/* ---- Files: RFC 9636 ---- */

static bool is_zone_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char magic[4];
	bool is;

	if (fd < 0)
		return false;
	is = read(fd, magic, sizeof(magic)) == (ssize_t)sizeof(magic) &&
	    memcmp(magic, "TZif", sizeof(magic)) == 0;
	close(fd);
	return is;
}

static bool is_file_of(const char *folder, const char *name)
{
	struct buf path = {0};
	bool is;

	buf_printf(&path, "%s/%s", folder, name);
	is = !path.bad && is_zone_file(path.data);
	buf_free(&path);
	return is;
}

bool zone_exists(const char *name)
{
	static const char *const folders[] = {
		"/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo",
		"/etc/zoneinfo",
	};
	const char *own = getenv("TZDIR");

	if (*name == ':')
		name++;
	/* Where no zones are installed there is still this one. */
	if (strcmp(name, "UTC") == 0 || strcmp(name, "GMT") == 0 || is_posix(name))
		return true;
	if (*name == '/')
		return is_zone_file(name);
	if (*name == '\0' || strstr(name, "..") != NULL)
		return false;
	if (own != NULL && is_file_of(own, name))
		return true;
	for (size_t i = 0; i < COUNT_OF(folders); i++)
		if (is_file_of(folders[i], name))
			return true;
	return false;
}
