/* The roles: processes of this program that are started by it, not by people. main.c knows them by these names. */
#ifndef CD_CMD_ROLES_H
#define CD_CMD_ROLES_H

/* `cordon sensor KEY=VALUE …`: parses one capture file or live interface, confined, and writes batches of observations to descriptor 3. A file comes as descriptor 4.
 * Keys: name, source (number of the capture), worker, workers, start (how often it was started before), naming (0 or 1), max_flows;
 * for a file progress (0 or 1: tell how far it has come); for an interface live (its name), filter, flush_ms. Ends at SIGTERM with all that was
 * seen until then. */
int cd_role_sensor(int argc, char **argv);

#endif
