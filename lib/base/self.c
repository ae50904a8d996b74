/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/self.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

/* Where each system shows a process its own program; FreeBSD has the second
 * only with procfs mounted, and does without a build tree's stub otherwise. */
static const char *const self_links[] = { "/proc/self/exe", "/proc/curproc/file" };

bool self_stub(char *out, size_t size)
{
	static const char stub[] = "/../lib/danests-stub";
	char path[PATH_MAX];
	char *slash;

	for (size_t i = 0; i < sizeof(self_links) / sizeof(self_links[0]); i++) {
		ssize_t n = readlink(self_links[i], path, sizeof(path) - sizeof(stub));

		if (n <= 0)
			continue;
		path[n] = '\0';
		slash = strrchr(path, '/');
		if (slash == NULL)
			continue;
		memcpy(slash, stub, sizeof(stub));
		if (strlen(path) < size && access(path, X_OK) == 0) {
			memcpy(out, path, strlen(path) + 1);
			return true;
		}
	}
	return false;
}
