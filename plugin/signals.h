/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals as bytes in a pipe, for an event loop. */
#ifndef PLUGIN_SIGNALS_H
#define PLUGIN_SIGNALS_H

/* TERM, INT and HUP go to the pipe from now on, PIPE nowhere. Its reading end, or
 * -1 with errno. Once per process. */
int signals_open(void);

/* The next signal that came; 0 when there is none. */
int signals_next(int fd);

/* End the process, in good order or not, in so many seconds. */
void signals_deadline(unsigned seconds);

#endif
