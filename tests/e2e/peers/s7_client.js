// Reads and writes with nodes7. Usage: s7_client.js ADDRESS
const NodeS7 = require("nodes7");
const plc = new NodeS7({ silent: true });
const tags = { level: "DB10,REAL4", pump: "DB10,X0.1", setpoint: "DB20,INT2" };
const giveUp = setTimeout(() => process.exit(1), 15000);

plc.initiateConnection({ port: 102, host: process.argv[2], rack: 0, slot: 2 }, (error) => {
    if (error) process.exit(1);
    plc.setTranslationCB((tag) => tags[tag]);
    plc.addItems(Object.keys(tags));
    plc.readAllItems(() => {
        plc.writeItems("setpoint", 7, () => {
            clearTimeout(giveUp);
            plc.dropConnection(() => process.exit(0));
        });
    });
});
