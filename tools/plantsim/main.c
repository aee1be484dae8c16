/* plantsim: writes captures of plants that never were, with the truth about them beside. */
#include "plants.h"
#include "sim.h"

#include "base/text.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { DEVICES_LEAST = 20, DEVICES_MOST = 100000 };
static const uint64_t default_start_ns = 1767600000 * SECOND; /* a Monday, 5 January 2026, 08:00 UTC */

static const char help[] =
    "usage: plantsim [OPTIONS]\n"
    "\n"
    "Plays a plant and writes what a mirror of its core switch would show, and the truth about it. The same options "
    "give the same\n"
    "bytes on any machine.\n"
    "\n"
    "  --plant NAME        water (default), car-body, substation, hospital\n"
    "  --devices N         how many devices, 20 (default) to 100000\n"
    "  --duration SECONDS  how much time passes in the plant (default 60); what has begun by then is finished\n"
    "  --seed N            another seed gives another day (default 1)\n"
    "  --start TIME        when it begins, in seconds since 1970 (default 1767600000: 2026-01-05 08:00:00 UTC)\n"
    "  --out FILE          write a pcap file, or a pcapng one where the name ends in .pcapng\n"
    "  --truth FILE        write what a perfect observer would know: docs/plantsim.md\n"
    "  --live INTERFACE    send the frames on an interface, as time passes\n"
    "  --speed X           with --live: so many simulated seconds in a real one (default 1, decimals allowed)\n"
    "  --help              this text\n";

struct options {
    void (*play)(struct sim *s);
    const char *out, *truth, *live;
    uint64_t devices, duration_s, seed, start_s, speed;
    bool help;
};

static const struct {
    const char *name;
    void (*play)(struct sim *s);
} plants[] = {
    {"water", plant_water},
    {"car-body", plant_car_body},
    {"substation", plant_substation},
    {"hospital", plant_hospital},
};

static int read_number(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *ret,
                       struct cd_error *e)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno || *end || *text < '0' || *text > '9' || value < least || value > most)
        return cd_error_set(e, CD_ERROR_USAGE, "%s %s: expected a number from %llu to %llu", option, text,
                            (unsigned long long)least, (unsigned long long)most);
    *ret = value;
    return CD_OK;
}

/* Thousandths: 1.5 is 1500. */
static int read_speed(const char *text, uint64_t *ret, struct cd_error *e)
{
    char *end;
    double value = strtod(text, &end);
    if (*end || !(value >= 0.001) || value > 1000000)
        return cd_error_set(e, CD_ERROR_USAGE, "--speed %s: expected a number from 0.001 to 1000000", text);
    *ret = (uint64_t)(value * 1000);
    return CD_OK;
}

static int read_plant(const char *name, struct options *ret, struct cd_error *e)
{
    for (unsigned i = 0; i < sizeof plants / sizeof plants[0]; i++)
        if (strcmp(plants[i].name, name) == 0) {
            ret->play = plants[i].play;
            return CD_OK;
        }
    return cd_error_set(e, CD_ERROR_USAGE, "--plant %s: there is no such plant; plantsim --help lists them", name);
}

static int read_option(int option, struct options *ret, struct cd_error *e)
{
    switch (option) {
    case 'p': return read_plant(optarg, ret, e);
    case 'n': return read_number("--devices", optarg, DEVICES_LEAST, DEVICES_MOST, &ret->devices, e);
    case 'd': return read_number("--duration", optarg, 1, 10 * 366 * 86400ull, &ret->duration_s, e);
    case 's': return read_number("--seed", optarg, 0, UINT64_MAX, &ret->seed, e);
    case 't': return read_number("--start", optarg, 1, UINT32_MAX, &ret->start_s, e);
    case 'x': return read_speed(optarg, &ret->speed, e);
    case 'o': ret->out = optarg; return CD_OK;
    case 'u': ret->truth = optarg; return CD_OK;
    case 'l': ret->live = optarg; return CD_OK;
    case 'h': ret->help = true; return CD_OK;
    default: return cd_error_set(e, CD_ERROR_USAGE, "plantsim --help tells the options");
    }
}

static int read_options(int argc, char **argv, struct options *ret, struct cd_error *e)
{
    static const struct option longs[] = {{"plant", required_argument, NULL, 'p'},
                                          {"devices", required_argument, NULL, 'n'},
                                          {"duration", required_argument, NULL, 'd'},
                                          {"seed", required_argument, NULL, 's'},
                                          {"start", required_argument, NULL, 't'},
                                          {"out", required_argument, NULL, 'o'},
                                          {"truth", required_argument, NULL, 'u'},
                                          {"live", required_argument, NULL, 'l'},
                                          {"speed", required_argument, NULL, 'x'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    *ret = (struct options){.play = plant_water,
                            .devices = DEVICES_LEAST,
                            .duration_s = 60,
                            .seed = 1,
                            .start_s = default_start_ns / SECOND,
                            .speed = 1000};
    for (int option; (option = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        int failed = read_option(option, ret, e);
        if (failed)
            return failed;
    }
    if (optind < argc)
        return cd_error_set(e, CD_ERROR_USAGE, "%s: plantsim takes options only", argv[optind]);
    if (!ret->help && !ret->out && !ret->truth && !ret->live)
        return cd_error_set(e, CD_ERROR_USAGE, "nothing to write: give --out, --truth or --live");
    return CD_OK;
}

static int open_output(const struct options *options, struct output *o, struct cd_error *e)
{
    int failed = options->out ? output_open_file(o, options->out, e) : CD_OK;
    if (!failed && options->live)
        failed = output_open_interface(o, options->live, (uint32_t)options->speed, e);
    return failed;
}

static int play(const struct options *options, struct cd_error *e)
{
    struct output output = {.socket = -1};
    struct sim sim;
    struct cd_error at_close;
    int failed = open_output(options, &output, e);
    if (!failed) {
        sim_start(&sim, options->seed, (uint32_t)options->devices, options->start_s * SECOND,
                  options->duration_s * SECOND, &output);
        options->play(&sim);
        failed = sim_run(&sim, e);
        if (!failed && options->truth)
            failed = truth_write(&sim.truth, &sim.plant, options->truth, e);
        sim_free(&sim);
    }
    if (output_close(&output, failed ? &at_close : e) != CD_OK && !failed)
        failed = e->code;
    return failed;
}

int main(int argc, char **argv)
{
    struct options options;
    struct cd_error e = {0};
    int failed = read_options(argc, argv, &options, &e);
    if (!failed && options.help)
        return fputs(help, stdout) < 0;
    if (!failed)
        failed = play(&options, &e);
    if (failed)
        fprintf(stderr, "plantsim: %s\n", e.text);
    return failed;
}
