#define _GNU_SOURCE
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int kdoctor_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int kdoctor_clock_is_synchronized(void) {
  struct timex state = {0};
  int code = adjtimex(&state);
  return code != TIME_ERROR && !(state.status & STA_UNSYNC);
}

int kdoctor_is_second_interrupt(void) {
  static volatile sig_atomic_t has_first = 0;
  static struct timespec first;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  if (!has_first) {
    first = now;
    has_first = 1;
    return 0;
  }
  return (now.tv_sec - first.tv_sec) * 1000 + (now.tv_nsec - first.tv_nsec) / 1000000 > 200;
}

static int status_pipe = -1;
static pid_t child = -1;

static void say_status(int status, void *unused) {
  (void)unused;
  unsigned char byte = (unsigned char)status;
  fflush(NULL);
  close(STDOUT_FILENO);
  close(STDERR_FILENO);
  if (write(status_pipe, &byte, 1) != 1) return;
}

/* What is removed when a signal ends the process. */
static char unfinished[4][4096];

static void remove_and_end(int number) {
  for (int slot = 0; slot < 4; slot++) {
    if (unfinished[slot][0] != 0) unlink(unfinished[slot]);
  }
  signal(number, SIG_DFL);
  raise(number);
}

void kdoctor_remove_if_ended(const char *path) {
  const int numbers[] = {SIGTERM, SIGHUP};
  for (int index = 0; index < 2; index++) {
    struct sigaction action = {.sa_handler = remove_and_end}, old;
    if (sigaction(numbers[index], NULL, &old) == 0 && old.sa_handler != SIG_IGN) sigaction(numbers[index], &action, NULL);
  }
  size_t size = strlen(path) + 1;
  for (int slot = 0; slot < 4 && size <= sizeof unfinished[0]; slot++) {
    if (unfinished[slot][0] != 0) continue;
    memcpy(unfinished[slot] + 1, path + 1, size - 1);
    unfinished[slot][0] = path[0];
    return;
  }
}

void kdoctor_keep_if_ended(const char *path) {
  for (int slot = 0; slot < 4; slot++) {
    if (strcmp(unfinished[slot], path) == 0) unfinished[slot][0] = 0;
  }
}

static void pass_on(int number) {
  /* The child prints what it knows after the first Ctrl-C; the second one ends at once. */
  if (number == SIGINT && kdoctor_is_second_interrupt()) _exit(130);
  kill(child, number);
  if (number == SIGINT) return;
  /* The child takes away what it has begun to write. It may be in a sleep that no signal ends: whoever asks to stop is
     not kept waiting for it. */
  const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
  for (int turn = 0; turn < 100 && waitpid(child, NULL, WNOHANG) == 0; turn++) nanosleep(&pause, NULL);
  signal(number, SIG_DFL);
  raise(number);
}

void kdoctor_go_on_in_child(void) {
  int ends[2];
  pid_t parent = getpid();
  if (pipe2(ends, O_CLOEXEC) != 0) return;
  /* Whoever starts this from a thread that blocks signals means itself, not its children. */
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  fflush(NULL);
  child = fork();
  if (child < 0) {
    close(ends[0]);
    close(ends[1]);
    return;
  }
  if (child == 0) {
    close(ends[0]);
    status_pipe = ends[1];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* Out of the terminal's group: Ctrl-C reaches it once, from its parent, whoever sends it. */
    setpgid(0, 0);
    signal(SIGTTOU, SIG_IGN);
    if (getppid() != parent) _exit(137);
    on_exit(say_status, NULL);
    return;
  }
  close(ends[1]);
  const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
  for (int index = 0; index < 3; index++) {
    struct sigaction action = {.sa_handler = pass_on}, old;
    /* nohup(1) and background jobs of scripts ignore some of them. */
    if (sigaction(numbers[index], NULL, &old) == 0 && old.sa_handler != SIG_IGN) sigaction(numbers[index], &action, NULL);
  }
  unsigned char byte;
  ssize_t count;
  do count = read(ends[0], &byte, 1);
  while (count < 0 && errno == EINTR);
  if (count == 1) _exit(byte);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) {
    signal(WTERMSIG(status), SIG_DFL);
    raise(WTERMSIG(status));
    _exit(128 + WTERMSIG(status));
  }
  _exit(WEXITSTATUS(status));
}
