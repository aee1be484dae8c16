// A BACnet device that answers who it is and reads of its name, by node-bacnet. Usage: bacnet_device.js ADDRESS BROADCAST
const bacnet = require("node-bacnet");
const device = new bacnet({ interface: process.argv[2], broadcastAddress: process.argv[3], port: 47808 });
const INSTANCE = 3056, VENDOR = 260, OBJECT_NAME = 77, CHARACTER_STRING = 7;

device.on("listening", () => console.log("ready"));
device.on("whoIs", () => device.iAmResponse(null, INSTANCE, bacnet.enum.Segmentation.NO_SEGMENTATION, VENDOR));
device.on("readProperty", (request) => {
    const { objectId, property } = request.payload;
    if (property.id === OBJECT_NAME)
        device.readPropertyResponse(request.header.sender, request.invokeId, objectId, property, [{ type: CHARACTER_STRING, value: "air handler 7" }]);
    else
        device.errorResponse(request.header.sender, bacnet.enum.ConfirmedServiceChoice.READ_PROPERTY, request.invokeId, 2, 32);
});
device.on("error", () => process.exit(1));
setTimeout(() => process.exit(0), 60000);
