/* Loaded before libc by tests: fsync that fails, and a clock that jumps, when a file says so.

   FAULTY_SYNC=FILE   while FILE exists, fsync and fdatasync of a path that contains FILE's text fail with EIO;
                      each failure appends "device inode" to FILE.log.
   FAULTY_CLOCK=FILE  the seconds that FILE holds are added to the wall clock; the monotonic one is left alone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long contents(const char *variable, char *text, size_t size)
{
    const char *name = getenv(variable);
    if (!name) return -1;
    int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    long length = read(file, text, size - 1);
    close(file);
    if (length < 0) return -1;
    text[length] = 0;
    return length;
}

static int fails(int file)
{
    char wanted[256], link[64], path[4096], log[4200];
    if (contents("FAULTY_SYNC", wanted, sizeof wanted) < 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    long length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    if (!strstr(path, wanted)) return 0;
    struct stat facts;
    fstat(file, &facts);
    snprintf(log, sizeof log, "%s.log", getenv("FAULTY_SYNC"));
    int out = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (out >= 0) {
        dprintf(out, "%lu %lu\n", (unsigned long)facts.st_dev, (unsigned long)facts.st_ino);
        close(out);
    }
    return 1;
}

int fsync(int file)
{
    if (fails(file)) { errno = EIO; return -1; }
    return syscall(SYS_fsync, file);
}

int fdatasync(int file)
{
    if (fails(file)) { errno = EIO; return -1; }
    return syscall(SYS_fdatasync, file);
}

static time_t jump(void)
{
    char text[64];
    return contents("FAULTY_CLOCK", text, sizeof text) > 0 ? atol(text) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = syscall(SYS_clock_gettime, clock, now);
    if (!result && clock == CLOCK_REALTIME) now->tv_sec += jump();
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    (void)zone;
    struct timespec precise;
    int result = clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return result;
}

time_t time(time_t *where)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (where) *where = now.tv_sec;
    return now.tv_sec;
}
