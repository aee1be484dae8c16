// Asks who is there, then a device for its name and for a property it does not have. Usage: bacnet_client.js ADDRESS BROADCAST DEVICE
const bacnet = require("node-bacnet");
const [, , address, broadcastAddress, device] = process.argv;
const client = new bacnet({ interface: address, broadcastAddress, port: 47808, apduTimeout: 3000 });
const OBJECT_NAME = 77, LOCATION = 58, object = { type: 8, instance: 3056 };
const giveUp = setTimeout(() => process.exit(1), 15000);

client.on("listening", () => client.whoIs());
client.on("iAm", () => {
    client.readProperty({ address: device }, object, OBJECT_NAME, {}, (error, value) => {
        if (error || value.values[0].value !== "air handler 7") process.exit(1);
        client.readProperty({ address: device }, object, LOCATION, {}, (refused) => {
            clearTimeout(giveUp);
            process.exit(refused ? 0 : 1);
        });
    });
});
