#ifndef KDOCTOR_SUPPORT_H
#define KDOCTOR_SUPPORT_H

/* What Swift's Glibc module does not offer. */

/* pipe2(2) with O_CLOEXEC: 0, or -1 with errno. */
int kdoctor_pipe(int ends[2]);

/* Whether the kernel takes its clock for synchronised; adjtimex(2) without any change. */
int kdoctor_clock_is_synchronized(void);

/*
 * Whether an interrupt that has just come is the second press of Ctrl-C: timeout(1) sends its signal twice in a row,
 * once to its command and once to the group. For signal handlers.
 */
int kdoctor_is_second_interrupt(void);

/*
 * Goes on in a child; the parent ends with the status of the child as soon as the child has said it.
 *
 * A thread that sleeps uninterruptibly in a read (a dead FUSE server, a dead disk) keeps its process from ending. So
 * the child reads the node, says its status and closes its output, and may then stay behind; the one whom the shell
 * waits for never does. Call it before any thread exists. Where fork(2) fails, the process goes on alone.
 */
void kdoctor_go_on_in_child(void);

/* Has SIGTERM and SIGHUP remove the file at `path`, which is not yet whole, before they end the process. At most four
   files of fewer than 4096 bytes each; only one thread may call this and the next function. */
void kdoctor_remove_if_ended(const char *path);

/* Takes that back. */
void kdoctor_keep_if_ended(const char *path);

#endif
