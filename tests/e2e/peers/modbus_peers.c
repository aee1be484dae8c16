/* Both ends of a Modbus conversation by libmodbus: `modbus_peers server IP` or `modbus_peers client IP`. */
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int serve(const char *ip)
{
    modbus_t *bus = modbus_new_tcp(ip, 502);
    modbus_mapping_t *map = modbus_mapping_new(64, 64, 64, 64);
    int socket = bus && map ? modbus_tcp_listen(bus, 1) : -1;
    if (socket < 0)
        return 1;
    puts("ready");
    fflush(stdout);
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    if (modbus_tcp_accept(bus, &socket) < 0)
        return 1;
    for (int n; (n = modbus_receive(bus, query)) >= 0;)
        if (n > 0)
            modbus_reply(bus, query, n, map);
    modbus_mapping_free(map);
    modbus_free(bus);
    return 0;
}

static int ask(const char *ip)
{
    uint16_t registers[16] = {0};
    uint8_t bits[16];
    modbus_t *bus = modbus_new_tcp(ip, 502);
    if (!bus || modbus_connect(bus) < 0)
        return 1;
    for (int i = 0; i < 20; i++)
        if (modbus_read_registers(bus, i, 4, registers) != 4)
            return 1;
    for (int i = 0; i < 5; i++)
        if (modbus_write_register(bus, 10, i) != 1 || modbus_write_bit(bus, 3, i & 1) != 1)
            return 1;
    if (modbus_write_registers(bus, 20, 8, registers) != 8 || modbus_read_bits(bus, 0, 8, bits) != 8)
        return 1;
    if (modbus_read_registers(bus, 60, 10, registers) >= 0) /* beyond the map: an exception */
        return 1;
    modbus_close(bus);
    modbus_free(bus);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    return strcmp(argv[1], "server") == 0 ? serve(argv[2]) : ask(argv[2]);
}
