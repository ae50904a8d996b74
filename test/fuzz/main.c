/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Replays a corpus without a fuzzer, so that every seed and every bug once found
 * is a test everywhere: arguments are files or directories of files. The last
 * argument-less run is the empty input, which every target must take.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long replayed;

static void replay_file(const char *path)
{
	static uint8_t data[1 << 20];
	FILE *f = fopen(path, "rb");
	uint8_t *copy;
	size_t n;

	if (f == NULL) {
		perror(path);
		exit(1);
	}
	n = fread(data, 1, sizeof(data), f);
	fclose(f);
	/* Exactly as long as the input, so that a sanitizer sees one octet too far. */
	copy = malloc(n > 0 ? n : 1);
	if (copy == NULL)
		exit(1);
	memcpy(copy, data, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
	replayed++;
}

static void replay(const char *path)
{
	struct dirent *entry;
	struct stat st;
	char name[4096];
	DIR *dir;

	if (stat(path, &st) != 0)
		return; /* no bug was ever found: no .repro directory */
	if (!S_ISDIR(st.st_mode)) {
		replay_file(path);
		return;
	}
	dir = opendir(path);
	if (dir == NULL) {
		perror(path);
		exit(1);
	}
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		replay_file(name);
	}
	closedir(dir);
}

/* Prints TAP: one test, its claim being that no input made it abort. */
int main(int argc, char **argv)
{
	const uint8_t nothing = 0;

	LLVMFuzzerTestOneInput(&nothing, 0);
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	printf("1..1\n%s 1 - %lu inputs replayed\n", replayed > 0 ? "ok" : "not ok", replayed);
	return replayed > 0 ? 0 : 1;
}
