#include "base/time.h"

enum { SECONDS_PER_DAY = 86400, DATE_LEN = 10 };

static char *two_digits(char *at, unsigned value)
{
    at[0] = (char)('0' + value / 10);
    at[1] = (char)('0' + value % 10);
    return at + 2;
}

/* The Gregorian date of a day counted from 1970-01-01: years begin in March, so that the leap day comes last. */
static void put_date(char *at, uint64_t day)
{
    uint64_t shifted = day + 719468; /* from 0000-03-01 */
    uint64_t era = shifted / 146097;
    unsigned in_era = (unsigned)(shifted % 146097);
    unsigned year_of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    unsigned in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned month = (5 * in_year + 2) / 153;
    unsigned year = (unsigned)(year_of_era + era * 400 + (month >= 10));
    at = two_digits(at, year / 100);
    at = two_digits(at, year % 100);
    *at++ = '-';
    at = two_digits(at, month < 10 ? month + 3 : month - 9);
    *at++ = '-';
    two_digits(at, in_year - (153 * month + 2) / 5 + 1);
}

/* "YYYY-MM-DD?HH:MM:SS" into 19 characters. */
static void put_seconds(char out[19], uint64_t time_ns, char separator)
{
    uint64_t seconds = time_ns / 1000000000;
    unsigned of_day = (unsigned)(seconds % SECONDS_PER_DAY);
    put_date(out, seconds / SECONDS_PER_DAY);
    char *at = out + DATE_LEN;
    *at++ = separator;
    at = two_digits(at, of_day / 3600);
    *at++ = ':';
    at = two_digits(at, of_day / 60 % 60);
    *at++ = ':';
    two_digits(at, of_day % 60);
}

void cd_text_time_fraction(struct cd_text *t, unsigned ns)
{
    char digits[10] = ".";
    size_t len = sizeof digits;
    if (!ns)
        return;
    for (size_t i = sizeof digits - 1; i > 0; i--, ns /= 10)
        digits[i] = (char)('0' + ns % 10);
    while (digits[len - 1] == '0')
        len--;
    cd_text_bytes(t, digits, len);
}

void cd_text_time(struct cd_text *t, uint64_t time_ns)
{
    char out[19];
    put_seconds(out, time_ns, 'T');
    cd_text_bytes(t, out, sizeof out);
    cd_text_time_fraction(t, (unsigned)(time_ns % 1000000000));
    cd_text_char(t, 'Z');
}

void cd_text_time_short(struct cd_text *t, uint64_t time_ns)
{
    char out[19];
    put_seconds(out, time_ns, ' ');
    cd_text_bytes(t, out, sizeof out);
}
