// Asks a controller who it is, unconnected; then reads a tag over a connection, with st-ethernet-ip. Usage: enip_client.js ADDRESS
const { Controller, Tag } = require("st-ethernet-ip");
setTimeout(() => process.exit(1), 15000);

async function main() {
    const unconnected = new Controller(false);
    await unconnected.connect(process.argv[2], 0, false);
    await unconnected.readControllerProps();
    if (unconnected.properties.name !== "PUMP-CPU") process.exit(1);
    await unconnected.disconnect();
    const connected = new Controller(true);
    await connected.connect(process.argv[2], 0, false);
    const tag = new Tag("Level");
    await connected.readTag(tag);
    if (tag.value !== 4711) process.exit(1);
    await connected.disconnect();
    process.exit(0);
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
