// A CO₂ incubator that speaks OPC UA by node-opcua: a LADS device with its nameplate, values with engineering units,
// set-points, a mode, and a method to start. One JSON order a line on stdin, one JSON answer a line on stdout.
// Arguments: PORT (0 for any) and a directory for its keys.
"use strict";
const path = require("path");
const readline = require("readline");
const { createRequire } = require("module");
const need = createRequire(process.env.PEERS + "/");
const { OPCUAServer } = need("node-opcua-server");
const { OPCUACertificateManager } = need("node-opcua-certificate-manager");
const { nodesets } = need("node-opcua-nodesets");
const { standardUnits } = need("node-opcua-data-access");
const { StatusCodes } = need("node-opcua-status-code");
const { DataType, Variant } = need("node-opcua-variant");

// The library tells on stdout what it thinks; stdout is for answers.
console.log = console.info = console.warn = () => {};
const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");

const NUMBERS = {
  Temperature: ["degree_celsius", DataType.Double, 37], CO2: ["percent", DataType.Float, 5],
  Humidity: ["percent", DataType.UInt16, 85],
  TemperatureSetpoint: ["degree_celsius", DataType.Float, 30], CO2Setpoint: ["percent", DataType.Double, 0],
  HumiditySetpoint: ["percent", DataType.UInt16, 0],
};
const variables = {};
const written = [];
const called = [];
let busy = false; // what we set ourselves was not written by the other side

function set(name, value, status = StatusCodes.Good, at = new Date()) {
  const variable = variables[name];
  const { dataType } = variable.readValue().value;
  busy = true;
  variable.setValueFromSource(new Variant({ dataType, value }), status, at);
  busy = false;
}

function keep(name, variable) {
  variables[name] = variable;
  variable.on("value_changed", () => busy || written.push(name));
}

function build(addressSpace) {
  const own = addressSpace.getOwnNamespace();
  const di = addressSpace.getNamespaceIndex("http://opcfoundation.org/UA/DI/");
  const lads = addressSpace.getNamespaceIndex("http://opcfoundation.org/UA/LADS/");
  const deviceSet = addressSpace.rootFolder.objects.getFolderElementByName("DeviceSet", di);
  const device = addressSpace.findObjectType("LADSDeviceType", lads).instantiate({
    browseName: "Incubator", nodeId: "s=Incubator", componentOf: deviceSet, namespace: own,
  });
  const text = (name, value) => {
    const node = device.getPropertyByName(name, di);
    const localized = node.dataType.value === DataType.LocalizedText;
    node.setValueFromSource({ dataType: localized ? "LocalizedText" : "String", value: localized ? { text: value } : value });
  };
  text("Manufacturer", "Peer Works");
  text("Model", "Chamber 160");
  text("SerialNumber", "PW-0042");
  text("SoftwareRevision", "2.4");
  const chamber = own.addObject({ browseName: "Chamber", nodeId: "s=Chamber", componentOf: device });
  for (const [name, [unit, dataType, value]] of Object.entries(NUMBERS)) {
    keep(name, own.addAnalogDataItem({
      browseName: name, nodeId: `s=${name}`, componentOf: chamber, dataType, value: { dataType, value },
      engineeringUnitsRange: { low: 0, high: 100 }, engineeringUnits: standardUnits[unit],
      accessLevel: name.endsWith("Setpoint") ? "CurrentRead | CurrentWrite" : "CurrentRead",
    }));
  }
  const plain = (name, dataType, value) => keep(name, own.addVariable({
    browseName: name, nodeId: `s=${name}`, componentOf: chamber, dataType, value: { dataType, value },
  }));
  plain("Mode", DataType.Int32, 0);
  plain("LastCommand", DataType.String, "");
  plain("Door", DataType.Double, 5);
  const input = (name, dataType) => ({ name, dataType });
  own.addMethod(chamber, {
    browseName: "Start", nodeId: "s=Start",
    inputArguments: [input("temperature", DataType.Float), input("co2", DataType.Double), input("id", DataType.String)],
  }).bindMethod((given, _context, answer) => {
    const [temperature, co2, id] = given.map((each) => each.value);
    called.push([temperature, co2, id]);
    if (co2 > 10) return answer(null, { statusCode: StatusCodes.BadOutOfRange });
    set("TemperatureSetpoint", temperature);
    set("CO2Setpoint", co2);
    set("Mode", 3);
    set("LastCommand", id);
    return answer(null, { statusCode: StatusCodes.Good });
  });
}

const server = new OPCUAServer({
  serverInfo: { applicationUri: "urn:baton:test:incubator" },
  serverCapabilities: { minSupportedSampleRate: 0 }, // every change is told, however soon the next one comes
  port: Number(process.argv[2]), hostname: "127.0.0.1", allowAnonymous: true,
  nodeset_filename: ["standard", "di", "ia", "amb", "machinery", "lads"].map((name) => nodesets[name]),
  buildInfo: { manufacturerName: "Server Works", productName: "Server 9", softwareVersion: "7.1" },
  userManager: { isValidUser: (name, password) => name === "baton" && password === "a secret" },
  ...Object.fromEntries(["server", "user"].map((who) => [`${who}CertificateManager`, new OPCUACertificateManager({
    rootFolder: path.join(process.argv[3], who), automaticallyAcceptUnknownCertificate: who === "server",
  })])),
});

const orders = {
  put: ({ name, value, status, at }) => {
    set(name, value, StatusCodes[status || "Good"], at ? new Date(at) : new Date());
  },
  get: ({ name }) => variables[name].readValue().value.value,
  unit: ({ name, unit }) => { // in another unit of measure; without one, in its own again
    const node = variables[name].getPropertyByName("EngineeringUnits");
    const value = standardUnits[unit || (NUMBERS[name] || [])[0]];
    if (node) node.setValueFromSource({ dataType: "ExtensionObject", value });
  },
  written: () => written.splice(0),
  called: () => called.splice(0),
  certificate: () => server.getCertificate().toString("base64"),
  trust: ({ certificate }) => server.userCertificateManager.trustCertificate(Buffer.from(certificate, "base64")),
  // As a server that has ended and forgotten everybody.
  vanish: async () => {
    for (const session of Object.values(server.engine._sessions)) {
      server.engine.closeSession(session.authenticationToken, true, "Terminated");
    }
    await server.suspendEndPoints();
    server.endpoints.forEach((each) => each.abruptlyInterruptChannels());
  },
  return: () => server.resumeEndPoints(),
};

async function main() {
  await server.initialize();
  build(server.engine.addressSpace);
  await server.start();
  say({ port: server.endpoints[0].port });
  const answers = readline.createInterface({ input: process.stdin }).on("close", () => process.exit(0));
  for await (const line of answers) {
    const order = JSON.parse(line);
    say({ answer: (await orders[order.do](order)) ?? null });
  }
}

main();
