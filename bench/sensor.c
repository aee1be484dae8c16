/* sensor CAPTURE: the sensor alone, in one process: from the file to the observer's tables, without hub, store and JSON, and without libndpi. Prints
 * frames, CPU time for each, and how often memory was asked for; it is the program to profile (perf record, valgrind --tool=callgrind). */
#include "sensor/sensor.h"

#include <fcntl.h>
#include <stdio.h>
#include <time.h>

enum { BATCH = 256 };

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    struct cd_capture *capture;
    struct cd_error e;
    int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) {
        fprintf(stderr, "usage: sensor CAPTURE\n");
        return CD_ERROR_USAGE;
    }
    if (cd_capture_open(fd, argv[1], &capture, &e) != CD_OK) {
        fprintf(stderr, "%s\n", e.text);
        return e.code;
    }
    const struct cd_sensor_options options = {.name_applications = false};
    struct cd_sensor *sensor = cd_sensor_new(&options);
    struct cd_frame frames[BATCH];
    double started = cpu_seconds();
    for (size_t n; (n = cd_capture_read(capture, frames, BATCH)) > 0;)
        cd_sensor_take(sensor, frames, n);
    cd_sensor_finish(sensor);
    double seconds = cpu_seconds() - started;
    const struct cd_health *h = &sensor->health;
    printf("%llu frames, %.1f ns each, %llu allocations, %llu flows, %u conversations, %u operations, %u facts, %u "
           "events\n",
           (unsigned long long)h->frames, h->frames ? seconds * 1e9 / (double)h->frames : 0,
           (unsigned long long)h->allocations, (unsigned long long)h->flows, sensor->observer->conversations.count,
           sensor->observer->operations.count, sensor->observer->facts.count, sensor->observer->events.count);
    cd_sensor_free(sensor);
    cd_capture_close(capture);
    return 0;
}
