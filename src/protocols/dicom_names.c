/* SOP classes (PS3.6 annex A), commands, statuses, and whose implementations are whose. */
#include "protocols/dicom.h"

#include <string.h>

/* Sorted as text. */
/* clang-format off */
static const struct cd_dicom_sop_class sop_classes[] = {
    {"1.1", "verification", NULL, CD_DICOM_OTHER},
    {"1.20.1", "storage commitment", NULL, CD_DICOM_OTHER},
    {"1.3.10", "media storage directory", NULL, CD_DICOM_OTHER},
    {"1.42", "procedural event logging", NULL, CD_DICOM_OTHER},
    {"1.9", "basic study content notification", NULL, CD_DICOM_OTHER},
    {"3.1.2.3.3", "modality performed procedure step", NULL, CD_DICOM_STEP},
    {"3.1.2.3.4", "performed procedure step retrieve", NULL, CD_DICOM_STEP},
    {"3.1.2.3.5", "performed procedure step notification", NULL, CD_DICOM_STEP},
    {"5.1.1.1", "film session", NULL, CD_DICOM_PRINT},
    {"5.1.1.14", "print job", NULL, CD_DICOM_PRINT},
    {"5.1.1.15", "annotation box", NULL, CD_DICOM_PRINT},
    {"5.1.1.16", "printer", NULL, CD_DICOM_PRINT},
    {"5.1.1.16.376", "printer configuration", NULL, CD_DICOM_PRINT},
    {"5.1.1.18", "color print", NULL, CD_DICOM_PRINT},
    {"5.1.1.2", "film box", NULL, CD_DICOM_PRINT},
    {"5.1.1.23", "presentation look-up table", NULL, CD_DICOM_PRINT},
    {"5.1.1.4", "grayscale image box", NULL, CD_DICOM_PRINT},
    {"5.1.1.4.1", "color image box", NULL, CD_DICOM_PRINT},
    {"5.1.1.9", "grayscale print", NULL, CD_DICOM_PRINT},
    {"5.1.4.1.1.1", "computed radiography image", "computed radiography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.1.1", "digital x-ray image", "digital radiography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.1.1.1", "digital x-ray image for processing", "digital radiography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.1.2", "mammography image", "mammography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.1.2.1", "mammography image for processing", "mammography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.1.3", "intra-oral x-ray image", "intra-oral radiography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.1.3.1", "intra-oral x-ray image for processing", "intra-oral radiography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.104.1", "encapsulated pdf", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.104.2", "encapsulated cda", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.104.3", "encapsulated stl", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.11.1", "grayscale presentation state", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.11.2", "color presentation state", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.11.3", "pseudo-color presentation state", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.11.4", "blending presentation state", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.12.1", "x-ray angiographic image", "x-ray angiography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.12.1.1", "enhanced xa image", "x-ray angiography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.12.2", "x-ray radiofluoroscopic image", "fluoroscopy", CD_DICOM_STORAGE},
    {"5.1.4.1.1.12.2.1", "enhanced xrf image", "fluoroscopy", CD_DICOM_STORAGE},
    {"5.1.4.1.1.128", "pet image", "positron emission tomography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.128.1", "legacy converted enhanced pet image", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.129", "standalone pet curve (retired)", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.13.1.1", "x-ray 3d angiographic image", "x-ray angiography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.13.1.2", "x-ray 3d craniofacial image", "digital radiography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.13.1.3", "breast tomosynthesis image", "mammography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.130", "enhanced pet image", "positron emission tomography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.14.1", "intravascular oct image", "intravascular tomography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.2", "ct image", "computed tomography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.2.1", "enhanced ct image", "computed tomography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.2.2", "converted enhanced ct image", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.20", "nuclear medicine image", "nuclear medicine", CD_DICOM_STORAGE},
    {"5.1.4.1.1.3", "ultrasound multi-frame image (retired)", "ultrasound", CD_DICOM_STORAGE},
    {"5.1.4.1.1.3.1", "ultrasound multi-frame image", "ultrasound", CD_DICOM_STORAGE},
    {"5.1.4.1.1.30", "parametric map", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.4", "mr image", "magnetic resonance", CD_DICOM_STORAGE},
    {"5.1.4.1.1.4.1", "enhanced mr image", "magnetic resonance", CD_DICOM_STORAGE},
    {"5.1.4.1.1.4.2", "mr spectroscopy", "magnetic resonance", CD_DICOM_STORAGE},
    {"5.1.4.1.1.4.3", "enhanced mr color image", "magnetic resonance", CD_DICOM_STORAGE},
    {"5.1.4.1.1.481.1", "rt image", "radiotherapy", CD_DICOM_STORAGE},
    {"5.1.4.1.1.481.2", "rt dose", "radiotherapy planning", CD_DICOM_STORAGE},
    {"5.1.4.1.1.481.3", "rt structure set", "radiotherapy planning", CD_DICOM_STORAGE},
    {"5.1.4.1.1.481.4", "rt beams treatment record", "radiotherapy", CD_DICOM_STORAGE},
    {"5.1.4.1.1.481.5", "rt plan", "radiotherapy planning", CD_DICOM_STORAGE},
    {"5.1.4.1.1.481.6", "rt brachy treatment record", "radiotherapy", CD_DICOM_STORAGE},
    {"5.1.4.1.1.481.7", "rt treatment summary record", "radiotherapy", CD_DICOM_STORAGE},
    {"5.1.4.1.1.481.8", "rt ion plan", "radiotherapy planning", CD_DICOM_STORAGE},
    {"5.1.4.1.1.481.9", "rt ion beams treatment record", "radiotherapy", CD_DICOM_STORAGE},
    {"5.1.4.1.1.5", "nuclear medicine image (retired)", "nuclear medicine", CD_DICOM_STORAGE},
    {"5.1.4.1.1.6", "ultrasound image (retired)", "ultrasound", CD_DICOM_STORAGE},
    {"5.1.4.1.1.6.1", "ultrasound image", "ultrasound", CD_DICOM_STORAGE},
    {"5.1.4.1.1.6.2", "enhanced ultrasound volume", "ultrasound", CD_DICOM_STORAGE},
    {"5.1.4.1.1.66", "raw data", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.66.1", "spatial registration", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.66.2", "spatial fiducials", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.66.3", "deformable spatial registration", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.66.4", "segmentation", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.66.5", "surface segmentation", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.67", "real world value mapping", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.7", "secondary capture image", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.7.1", "multi-frame single bit secondary capture", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.7.2", "multi-frame grayscale byte secondary capture", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.7.3", "multi-frame grayscale word secondary capture", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.7.4", "multi-frame true color secondary capture", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.77.1.1", "vl endoscopic image", "endoscopy", CD_DICOM_STORAGE},
    {"5.1.4.1.1.77.1.1.1", "video endoscopic image", "endoscopy", CD_DICOM_STORAGE},
    {"5.1.4.1.1.77.1.2", "vl microscopic image", "microscopy", CD_DICOM_STORAGE},
    {"5.1.4.1.1.77.1.2.1", "video microscopic image", "microscopy", CD_DICOM_STORAGE},
    {"5.1.4.1.1.77.1.3", "vl slide-coordinates microscopic image", "microscopy", CD_DICOM_STORAGE},
    {"5.1.4.1.1.77.1.4", "vl photographic image", "photography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.77.1.4.1", "video photographic image", "photography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.77.1.5.1", "ophthalmic photography image", "ophthalmic photography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.77.1.5.2", "ophthalmic photography 16 bit image", "ophthalmic photography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.77.1.5.3", "stereometric relationship", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.77.1.5.4", "ophthalmic tomography image", "ophthalmic tomography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.77.1.6", "vl whole slide microscopy image", "whole slide microscopy", CD_DICOM_STORAGE},
    {"5.1.4.1.1.78.1", "lensometry measurements", "ophthalmology", CD_DICOM_STORAGE},
    {"5.1.4.1.1.78.2", "autorefraction measurements", "ophthalmology", CD_DICOM_STORAGE},
    {"5.1.4.1.1.78.3", "keratometry measurements", "ophthalmology", CD_DICOM_STORAGE},
    {"5.1.4.1.1.79.1", "macular grid thickness report", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.80.1", "ophthalmic visual field measurements", "ophthalmology", CD_DICOM_STORAGE},
    {"5.1.4.1.1.88.11", "basic text report", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.88.22", "enhanced report", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.88.33", "comprehensive report", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.88.34", "comprehensive 3d report", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.88.40", "procedure log", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.88.50", "mammography cad report", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.88.59", "key object selection", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.88.65", "chest cad report", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.88.67", "x-ray radiation dose report", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.88.68", "radiopharmaceutical radiation dose report", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.9.1.1", "12-lead ecg waveform", "electrocardiography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.9.1.2", "general ecg waveform", "electrocardiography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.9.1.3", "ambulatory ecg waveform", "electrocardiography", CD_DICOM_STORAGE},
    {"5.1.4.1.1.9.2.1", "hemodynamic waveform", "hemodynamics", CD_DICOM_STORAGE},
    {"5.1.4.1.1.9.3.1", "cardiac electrophysiology waveform", "electrophysiology", CD_DICOM_STORAGE},
    {"5.1.4.1.1.9.4.1", "basic voice audio waveform", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.9.4.2", "general audio waveform", NULL, CD_DICOM_STORAGE},
    {"5.1.4.1.1.9.5.1", "arterial pulse waveform", "hemodynamics", CD_DICOM_STORAGE},
    {"5.1.4.1.1.9.6.1", "respiratory waveform", "respiration", CD_DICOM_STORAGE},
    {"5.1.4.1.2.1.1", "patient root find", NULL, CD_DICOM_QUERY},
    {"5.1.4.1.2.1.2", "patient root move", NULL, CD_DICOM_QUERY},
    {"5.1.4.1.2.1.3", "patient root get", NULL, CD_DICOM_QUERY},
    {"5.1.4.1.2.2.1", "study root find", NULL, CD_DICOM_QUERY},
    {"5.1.4.1.2.2.2", "study root move", NULL, CD_DICOM_QUERY},
    {"5.1.4.1.2.2.3", "study root get", NULL, CD_DICOM_QUERY},
    {"5.1.4.1.2.3.1", "patient/study find (retired)", NULL, CD_DICOM_QUERY},
    {"5.1.4.1.2.3.2", "patient/study move (retired)", NULL, CD_DICOM_QUERY},
    {"5.1.4.1.2.3.3", "patient/study get (retired)", NULL, CD_DICOM_QUERY},
    {"5.1.4.31", "modality worklist", NULL, CD_DICOM_WORKLIST},
    {"5.1.4.32", "general purpose worklist (retired)", NULL, CD_DICOM_WORKLIST},
    {"5.1.4.33", "instance availability notification", NULL, CD_DICOM_OTHER},
    {"5.1.4.34.6.1", "unified procedure step push", NULL, CD_DICOM_STEP},
    {"5.1.4.34.6.2", "unified procedure step watch", NULL, CD_DICOM_STEP},
    {"5.1.4.34.6.3", "unified procedure step pull", NULL, CD_DICOM_STEP},
    {"5.1.4.34.6.4", "unified procedure step event", NULL, CD_DICOM_STEP},
    {"5.1.4.37.1", "general relevant patient information", NULL, CD_DICOM_QUERY},
    {"5.1.4.39.2", "color palette find", NULL, CD_DICOM_QUERY},
};
/* clang-format on */

/* The other text may hold anything, NULs too. */
static int compare(const char *known, const char *bytes, size_t len)
{
    size_t known_len = strlen(known);
    int order = memcmp(known, bytes, known_len < len ? known_len : len);
    return order ? order : (known_len > len) - (known_len < len);
}

const struct cd_dicom_sop_class *cd_dicom_sop_class(struct cd_dicom_text uid)
{
    static const char root[] = "1.2.840.10008.";
    size_t root_len = sizeof root - 1, low = 0, high = sizeof sop_classes / sizeof *sop_classes;
    if (uid.len <= root_len || memcmp(uid.bytes, root, root_len) != 0)
        return NULL;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = compare(sop_classes[middle].uid, uid.bytes + root_len, uid.len - root_len);
        if (order == 0)
            return &sop_classes[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct cd_dicom_command_name *cd_dicom_command_name(uint16_t field)
{
    static const struct cd_dicom_command_name store = {"c-store", CD_CLASS_WRITE}, get = {"c-get", CD_CLASS_READ},
                                              find = {"c-find", CD_CLASS_READ}, move = {"c-move", CD_CLASS_READ},
                                              echo = {"c-echo", CD_CLASS_DIAGNOSE},
                                              event = {"n-event-report", CD_CLASS_OTHER},
                                              n_get = {"n-get", CD_CLASS_READ}, set = {"n-set", CD_CLASS_WRITE},
                                              action = {"n-action", CD_CLASS_OTHER},
                                              create = {"n-create", CD_CLASS_WRITE},
                                              delete = {"n-delete", CD_CLASS_WRITE},
                                              cancel = {"c-cancel", CD_CLASS_SESSION};
    switch (field) {
    case 0x0001: return &store;
    case 0x0010: return &get;
    case 0x0020: return &find;
    case 0x0021: return &move;
    case 0x0030: return &echo;
    case 0x0100: return &event;
    case 0x0110: return &n_get;
    case 0x0120: return &set;
    case 0x0130: return &action;
    case 0x0140: return &create;
    case 0x0150: return &delete;
    case 0x0fff: return &cancel;
    default: return NULL;
    }
}

const char *cd_dicom_failure(uint16_t status)
{
    switch (status) {
    case 0x0105: return "no such attribute";
    case 0x0106: return "invalid attribute value";
    case 0x0110: return "processing failure";
    case 0x0111: return "duplicate sop instance";
    case 0x0112: return "no such sop instance";
    case 0x0113: return "no such event type";
    case 0x0114: return "no such argument";
    case 0x0115: return "invalid argument value";
    case 0x0117: return "invalid object instance";
    case 0x0118: return "no such sop class";
    case 0x0119: return "class-instance conflict";
    case 0x0120: return "missing attribute";
    case 0x0121: return "missing attribute value";
    case 0x0122: return "sop class not supported";
    case 0x0123: return "no such action type";
    case 0x0124: return "not authorized";
    case 0x0210: return "duplicate invocation";
    case 0x0211: return "unrecognized operation";
    case 0x0212: return "mistyped argument";
    case 0x0213: return "resource limitation";
    case 0xa801: return "move destination unknown";
    case 0xfe00: return "cancelled";
    default: break;
    }
    switch (status >> 12) {
    case 0xa:
        return status >> 8 == 0xa7 ? "out of resources" : status >> 8 == 0xa9 ? "data set does not match" : "failure";
    case 0xc: return "unable to process";
    default: return NULL; /* success, warnings (0001, 0107, 0116, Bxxx), pending (FF00, FF01) */
    }
}

const char *cd_dicom_rejection(uint8_t source, uint8_t reason)
{
    switch (source << 8 | reason) {
    case 0x102: return "application context not supported";
    case 0x103: return "calling ae title not recognized";
    case 0x107: return "called ae title not recognized";
    case 0x202: return "protocol version not supported";
    case 0x301: return "temporary congestion";
    case 0x302: return "local limit exceeded";
    default: return "rejected";
    }
}

const char *cd_dicom_abort_reason(uint8_t source, uint8_t reason)
{
    if (source == 0)
        return "by the application";
    switch (reason) {
    case 1: return "unrecognized pdu";
    case 2: return "unexpected pdu";
    case 4: return "unrecognized pdu parameter";
    case 5: return "unexpected pdu parameter";
    case 6: return "invalid pdu parameter";
    default: return "by the provider";
    }
}

/* Roots as registered; a longer one stands before the shorter it begins with. */
static const struct cd_dicom_maker makers[] = {
    {"1.2.276.0.7230010.3", NULL, "OFFIS DCMTK"},
    {"1.2.40.0.13.1", NULL, "dcm4che"},
    {"1.3.6.1.4.1.30071.8", NULL, "fo-dicom"},
    {"1.2.826.0.1.3680043.9.3811", NULL, "pynetdicom"},
    {"1.2.826.0.1.3680043.8.498", NULL, "pydicom"},
    {"1.2.826.0.1.3680043.2.1143", NULL, "GDCM"},
    {"1.2.826.0.1.3680043.2.135.1066", NULL, "Conquest DICOM server"},
    {"1.2.826.0.1.3680043.8.1055", NULL, "RadiAnt DICOM Viewer"},
    {"1.3.6.1.4.1.25403", NULL, "ClearCanvas"},
    {"1.2.840.114257", NULL, "LEADTOOLS"},
    {"1.2.840.114089", NULL, "Laurel Bridge DCF"},
    {"1.2.840.113669", NULL, "Merge DICOM toolkit"},
    {"1.2.840.113619", "GE Healthcare", NULL},
    {"1.3.12.2.1107.5", "Siemens Healthineers", NULL},
    {"1.3.46.670589", "Philips", NULL},
    {"1.2.392.200036.9116", "Canon Medical Systems", NULL},
    {"1.2.392.200036.9125", "Fujifilm", NULL},
    {"1.2.392.200036.9107", "Konica Minolta", NULL},
    {"1.2.840.113564", "Carestream Health", NULL},
    {"1.3.51.0", "Agfa HealthCare", NULL},
    {"1.2.124.113532", "Agfa HealthCare", NULL},
    {"1.2.246.352", "Varian Medical Systems", NULL},
    {"1.3.46.423632", "Elekta", NULL},
    {"1.2.752.24", "Sectra", NULL},
    {"1.2.276.0.20", "Brainlab", NULL},
};

const struct cd_dicom_maker *cd_dicom_maker(struct cd_dicom_text implementation)
{
    for (size_t i = 0; i < sizeof makers / sizeof *makers; i++) {
        size_t len = strlen(makers[i].root);
        if (implementation.len > len && implementation.bytes[len] == '.' &&
            memcmp(implementation.bytes, makers[i].root, len) == 0)
            return &makers[i];
    }
    return NULL;
}
