#include "protocols/iccp.h"

#include <string.h>

/* Objects that the standard names (IEC 60870-6-503 clause 8). */
bool cd_iccp_is_object(const uint8_t *item, size_t len)
{
    static const char *const names[] = {"TASE2_Version",           "Supported_Features",    "Bilateral_Table_ID",
                                        "Next_DSTransfer_Set",     "Next_TSTransfer_Set",   "Transfer_Set_Name",
                                        "Transfer_Set_Time_Stamp", "DSConditions_Detected", "Event_Code_Detected",
                                        "Transfer_Report_ACK",     "Transfer_Report_NACK",  "Info_Mess_Header",
                                        "DSConditions_Requested"};
    if (len < 12 || item[len - 1] == '$')
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == len && memcmp(names[i], item, len) == 0)
            return true;
    return false;
}

/* Reached through mms, which knows when an association is ICCP's; by itself it begins as such. */
static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_mms_state *state = m->state;
    if (state)
        state->dialect = CD_MMS_DIALECT_ICCP;
    cd_dissector_mms.dissect(m, r);
}

const struct cd_dissector cd_dissector_iccp = {
    .name = "iccp",
    .dissect = dissect,
    .state_size = sizeof(struct cd_mms_state),
};
