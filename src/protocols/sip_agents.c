/* User-Agent and Server fields: free text, but makers of telephones keep to forms of their own. */
#include "protocols/sip.h"

#include <string.h>

/* A text that such a field begins with, and whose it is. `model`: what follows names model and firmware: with the sign itself
 * (WHOLE), behind it (REST), or not at all (NONE). */
enum model { NONE, WHOLE, REST };

static const struct {
    const char *sign, *vendor, *role;
    enum model model;
} agents[] = {
    {"Yealink ", "Yealink", "phone", REST},
    {"PolycomVVX-", "Polycom", "phone", REST},
    {"PolycomSoundPointIP-", "Polycom", "phone", REST},
    {"PolycomSoundStationIP-", "Polycom", "phone", REST},
    {"PolyEdge-", "Poly", "phone", REST},
    {"Polycom", "Polycom", "phone", NONE},
    {"Poly/", "Poly", "phone", REST},
    {"snomPA", "Snom", "speaker", WHOLE},
    {"snom-m", "Snom", "phone", WHOLE},
    {"snom", "Snom", "phone", WHOLE},
    {"Grandstream HT", "Grandstream", "phone-adapter", REST},
    {"Grandstream UCM", "Grandstream", "pbx", REST},
    {"Grandstream GDS", "Grandstream", "intercom", REST},
    {"Grandstream ", "Grandstream", "phone", REST},
    {"Cisco-CP", "Cisco", "phone", REST},
    {"Cisco/SPA1", "Cisco", "phone-adapter", REST},
    {"Cisco/SPA", "Cisco", "phone", REST},
    {"Cisco-CUCM", "Cisco", "pbx", WHOLE},
    {"Cisco-SIPGateway/", "Cisco", "voice-gateway", NONE},
    {"CSCO/", "Cisco", "phone", REST},
    {"Linksys/SPA", "Linksys", "phone", REST},
    {"Linksys/PAP2", "Linksys", "phone-adapter", REST},
    {"Sipura/SPA", "Sipura", "phone-adapter", REST},
    {"AVM FRITZ!Box ", "AVM", "router", REST},
    {"FRITZ!OS", "AVM", "router", NONE},
    {"Fanvil ", "Fanvil", "phone", REST},
    {"Gigaset ", "Gigaset", "phone", REST},
    {"Gigaset-", "Gigaset", "phone", REST},
    {"Panasonic", "Panasonic", "phone", NONE},
    {"Aastra ", "Aastra", "phone", REST},
    {"Mitel-", "Mitel", "phone", REST},
    {"Mitel ", "Mitel", "phone", REST},
    {"MiVoice", "Mitel", "pbx", NONE},
    {"Avaya one-X", "Avaya", "phone", NONE},
    {"Avaya J", "Avaya", "phone", NONE},
    {"Avaya CM", "Avaya", "pbx", NONE},
    {"Avaya SIP R", "Avaya", "phone", NONE},
    {"AUDC-IPPhone", "AudioCodes", "phone", NONE},
    {"Audiocodes-Sip-Gateway-", "AudioCodes", "voice-gateway", REST},
    {"AudioCodes", "AudioCodes", "voice-gateway", NONE},
    {"Patton ", "Patton", "voice-gateway", REST},
    {"innovaphone-IP", "innovaphone", "phone", NONE},
    {"innovaphone", "innovaphone", "pbx", NONE},
    {"Htek ", "Htek", "phone", REST},
    {"Akuvox ", "Akuvox", "intercom", REST},
    {"2N ", "2N", "intercom", REST},
    {"Zenitel", "Zenitel", "intercom", NONE},
    {"Commend", "Commend", "intercom", NONE},
    {"Axis ", "Axis Communications", "intercom", NONE},
    {"AXIS ", "Axis Communications", "intercom", NONE},
    {"Barix", "Barix", "speaker", NONE},
    {"CyberData", "CyberData", "speaker", NONE},
    {"Algo ", "Algo", "speaker", NONE},
    {"Valcom", "Valcom", "speaker", NONE},
    {"Spectralink", "Spectralink", "phone", NONE},
    {"Ascom", "Ascom", "phone", NONE},
    {"ALE", "Alcatel-Lucent Enterprise", "phone", NONE},
    {"OmniPCX", "Alcatel-Lucent Enterprise", "pbx", NONE},
    {"OpenStage", "Unify", "phone", WHOLE},
    {"OpenScape", "Unify", "pbx", NONE},
    {"HiPath", "Siemens", "pbx", NONE},
    {"Asterisk", "", "pbx", NONE},
    {"FPBX", "", "pbx", NONE},
    {"FreeSWITCH", "", "pbx", NONE},
    {"3CXPhoneSystem", "3CX", "pbx", NONE},
    {"3CX Phone System", "3CX", "pbx", NONE},
    {"Yeastar", "Yeastar", "pbx", NONE},
    {"STARFACE", "Starface", "pbx", NONE},
    {"Elastix", "", "pbx", NONE},
    {"RTC/", "Microsoft", "pbx", NONE},
    {"kamailio", "", "sip-proxy", NONE},
    {"Kamailio", "", "sip-proxy", NONE},
    {"OpenSIPS", "", "sip-proxy", NONE},
    {"OpenSER", "", "sip-proxy", NONE},
    {"OpenSer", "", "sip-proxy", NONE},
    {"Sip EXpress router", "", "sip-proxy", NONE},
    {"SIP Express Router", "", "sip-proxy", NONE},
    {"sipXecs", "", "sip-proxy", NONE},
};

/* Programs that look for telephones to abuse; they come from the Internet, or from whoever tests or attacks from within. */
static const char *const scanners[] = {"friendly-scanner", "sipvicious", "SIPVicious", "sipcli/",    "sip-scan",
                                       "sundayddr",        "pplsip",     "smap ",      "SiteLokLok", "svmap"};

static bool ends_word(char c)
{
    return c == ' ' || c == '/' || c == '(' || c == ',';
}

/* "SIP-T46S 66.84.0.15", "VVX_410-UA/5.9.0.9373", "SPA504G-7.5.2b": a model, and where digits follow, the firmware. */
static void report_model(struct cd_message *m, const struct cd_subject *s, const char *at, size_t len,
                         unsigned confidence)
{
    static const char agent[] = "-UA";
    size_t model = 0, firmware, end;
    while (len && *at == ' ') {
        at++;
        len--;
    }
    while (
        model < len && !ends_word(at[model]) &&
        !(at[model] == '-' && model + 2 < len && at[model + 1] >= '0' && at[model + 1] <= '9' && at[model + 2] == '.'))
        model++;
    for (firmware = model; firmware < len && (ends_word(at[firmware]) || at[firmware] == '-'); firmware++)
        ;
    for (end = firmware; end < len && !ends_word(at[end]); end++)
        ;
    if (model > sizeof agent - 1 && memcmp(at + model - (sizeof agent - 1), agent, sizeof agent - 1) == 0)
        model -= sizeof agent - 1;
    cd_report_fact_bytes(m, s, CD_ATTRIBUTE_MODEL, at, model, confidence);
    if (firmware < end && at[firmware] >= '0' && at[firmware] <= '9' && memchr(at + firmware, '.', end - firmware))
        cd_report_fact_bytes(m, s, CD_ATTRIBUTE_FIRMWARE, at + firmware, end - firmware, confidence);
}

void cd_sip_report_agent(struct cd_message *m, const struct cd_subject *subject, const struct cd_http_value *agent,
                         unsigned confidence)
{
    cd_report_fact_bytes(m, subject, CD_ATTRIBUTE_SOFTWARE, agent->bytes, agent->len, confidence);
    for (size_t i = 0; i < sizeof scanners / sizeof *scanners; i++)
        if (cd_http_starts(agent, scanners[i]))
            cd_report_event_once(m, CD_EVENT_SCAN, "sip scanner by its User-Agent");
    for (size_t i = 0; i < sizeof agents / sizeof *agents; i++) {
        size_t sign = strlen(agents[i].sign);
        if (agent->len < sign || memcmp(agent->bytes, agents[i].sign, sign) != 0)
            continue;
        cd_report_fact(m, subject, CD_ATTRIBUTE_VENDOR, agents[i].vendor, confidence);
        cd_report_fact(m, subject, CD_ATTRIBUTE_ROLE, agents[i].role, confidence);
        /* The sign of some holds the beginning of the model ("Cisco/SPA" 504G): the model begins behind its last blank or stroke. */
        size_t from = agents[i].model == WHOLE ? 0 : sign;
        while (agents[i].model == REST && from && !strchr(" /-", agents[i].sign[from - 1]))
            from--;
        if (agents[i].model != NONE)
            report_model(m, subject, agent->bytes + from, agent->len - from, confidence);
        return;
    }
}
