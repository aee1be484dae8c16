/* What associations and images tell of machines and of people signing in. */
#include "base/text.h"
#include "protocols/dicom.h"

enum { NAME_MAX = 64 };

static void report_text(struct cd_message *m, const struct cd_subject *subject, enum cd_attribute attribute,
                        struct cd_dicom_text value, unsigned confidence)
{
    if (value.len && value.len <= NAME_MAX)
        cd_report_fact_bytes(m, subject, attribute, value.bytes, value.len, confidence);
}

/* The title is a configured name of the application (PS3.8 9.3.2). */
void cd_dicom_report_title(struct cd_message *m, const struct cd_subject *subject, struct cd_dicom_text title)
{
    char text[NAME_MAX];
    struct cd_text t = cd_text_of(text, sizeof text);
    if (!title.len)
        return;
    cd_text_str(&t, "dicom application entity ");
    cd_text_bytes(&t, title.bytes, title.len);
    report_text(m, subject, CD_ATTRIBUTE_NAME, title, 55);
    cd_report_fact_bytes(m, subject, CD_ATTRIBUTE_SERVICE, t.at, t.len, 80);
}

void cd_dicom_report_implementation(struct cd_message *m, const struct cd_subject *subject,
                                    const struct cd_dicom_association *a)
{
    char text[NAME_MAX + 40];
    struct cd_text t = cd_text_of(text, sizeof text);
    const struct cd_dicom_maker *maker = cd_dicom_maker(a->implementation);
    if (maker && maker->vendor)
        cd_report_fact(m, subject, CD_ATTRIBUTE_VENDOR, maker->vendor, 60);
    if (maker && maker->software) {
        cd_text_str(&t, maker->software);
        cd_text_str(&t, a->implementation_version.len ? " " : "");
    }
    cd_text_bytes(&t, a->implementation_version.bytes, a->implementation_version.len);
    cd_report_fact_bytes(m, subject, CD_ATTRIBUTE_SOFTWARE, t.at, t.len, 75);
}

void cd_dicom_report_identity(struct cd_message *m, const struct cd_dicom_association *a)
{
    static const char *const kinds[] = {
        "", "user name", "user name and passcode", "kerberos ticket", "saml assertion", "json web token"};
    char detail[2 * NAME_MAX];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    struct cd_subject client = cd_subject_client(m);
    if (a->identity == 0 || a->identity >= sizeof kinds / sizeof *kinds)
        return;
    cd_text_str(&t, "dicom ");
    cd_text_str(&t, kinds[a->identity]);
    if (a->user.len) {
        cd_text_str(&t, " of ");
        cd_text_device(&t, a->user.bytes, a->user.len < NAME_MAX ? a->user.len : NAME_MAX);
    }
    if (a->identity != 1)
        cd_report_event(m, CD_EVENT_CLEARTEXT_CREDENTIAL, detail);
    report_text(m, &client, CD_ATTRIBUTE_USER, a->user, 70);
}

void cd_dicom_report_equipment(struct cd_message *m, const struct cd_dicom_equipment *e)
{
    struct cd_subject sender = cd_subject_sender(m);
    report_text(m, &sender, CD_ATTRIBUTE_VENDOR, e->manufacturer, 70);
    report_text(m, &sender, CD_ATTRIBUTE_MODEL, e->model, 70);
    report_text(m, &sender, CD_ATTRIBUTE_NAME, e->station, 60);
    report_text(m, &sender, CD_ATTRIBUTE_SERIAL, e->serial, 65);
    report_text(m, &sender, CD_ATTRIBUTE_FIRMWARE, e->software, 65);
    report_text(m, &sender, CD_ATTRIBUTE_LOCATION, e->institution, 50);
}
