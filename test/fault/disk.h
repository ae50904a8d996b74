/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A disk that refuses, and one whose power fails. It stands between the store and the
 * system (the linker's --wrap: see DISK_WRAPS), watches one directory, and knows what
 * of it is durable: of a file what was there at its last sync that worked, of the
 * directory likewise. Files are real ones; nothing is ever really synced.
 *
 * Link with -Wl,--wrap=openat,--wrap=close,--wrap=pwrite,--wrap=ftruncate,
 * --wrap=fsync,--wrap=fdatasync,--wrap=renameat,--wrap=unlinkat,--wrap=linkat
 */
#ifndef FAULT_DISK_H
#define FAULT_DISK_H

#include <stdbool.h>
#include <stdint.h>

/* From now on this directory, and all that is in it is durable. */
void disk_watch(const char *dir);
void disk_forget(void); /* gives all memory back */

/* Calls that change something, since disk_watch(). */
unsigned long disk_calls(void);

/*
 * The calls from the nth on (1: the next) fail with this error, count of them (0: all).
 * half: a write that fails has written half of it before.
 */
void disk_refuse(unsigned long nth, unsigned long count, int error, bool half);

/* From the nth call on nothing happens any more: the power is gone. */
void disk_die(unsigned long nth);

/* The power is back: the directory is as the disk may have it then. Of what was not
 * durable anything may be there, or be there in part. Ends the watch. */
void disk_reboot(uint64_t seed);

#endif
