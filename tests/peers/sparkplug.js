// A gas monitor on an edge node by sparkplug-client: its own encoding, its own count of messages.
// One JSON order a line on stdin, one JSON answer a line on stdout. Argument: the port of the broker.
"use strict";
const readline = require("readline");
const { createRequire } = require("module");
const need = createRequire(process.env.PEERS + "/");
const { newClient } = need("sparkplug-client");

const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");
const DEVICE = "CO2-1";
const values = {
  CO2: 5.1, O2: 20.9, Humidity: 85, Temperature: 37, SetCO2: 5, SetHumidity: 80, SetTemperature: 30, Mode: "idle", LastCommand: "",
};
const types = {
  CO2: "Float", O2: "Float", Humidity: "Int16", Temperature: "Double", SetCO2: "Double", SetHumidity: "UInt16",
  SetTemperature: "Float", Mode: "String", LastCommand: "String",
};
const units = { CO2: "%", O2: "%", Humidity: "%", Temperature: "°C" };
const aliases = Object.fromEntries(Object.keys(types).map((name, number) => [name, number + 1]));
const commands = [];
let obeys = true;
let births = 0;

const client = newClient({
  serverUrl: `mqtt://127.0.0.1:${process.argv[2]}`, username: "", password: "", groupId: "GRAZ", edgeNode: "Monitor",
  clientId: "monitor", version: "spBv1.0", keepalive: 5, mqttOptions: { reconnectPeriod: 200 },
});

const metric = (name, more = {}) => ({
  name, alias: aliases[name], type: types[name], value: values[name], timestamp: Date.now(), ...more,
});
const unit = (name) => (units[name] ? { properties: { engUnit: { type: "String", value: units[name] } } } : {});

function birth() {
  births += 1;
  client.publishNodeBirth({ timestamp: Date.now(), metrics: [
    { name: "Node Control/Rebirth", type: "Boolean", value: false, timestamp: Date.now() },
  ] });
  const plate = { Maker: "Peer Works", Model: "Monitor 9", Serial: "PW-0043", Firmware: "1.2" };
  const plates = Object.entries(plate).map(([name, value]) => ({ name: `Info/${name}`, type: "String", value }));
  client.publishDeviceBirth(DEVICE, {
    timestamp: Date.now(), metrics: [...plates, ...Object.keys(types).map((name) => metric(name, unit(name)))],
  });
}

// After the birth the alias alone stands for the name.
function tell(metrics) {
  client.publishDeviceData(DEVICE, { timestamp: Date.now(), metrics: metrics.map(({ name, ...rest }) => rest) });
}

client.on("birth", birth);
client.on("ncmd", ({ metrics }) => metrics.some(({ name }) => name === "Node Control/Rebirth") && birth());
client.on("dcmd", (_device, { metrics }) => {
  for (const { name, value } of metrics) {
    commands.push([name, value]);
    if (obeys) values[name] = value;
    if (obeys) tell([metric(name)]);
  }
});

const orders = {
  put: ({ name, value, ...more }) => { values[name] = value; tell([metric(name, more)]); },
  past: ({ name, value, at }) => tell([{ ...metric(name), value, timestamp: at, isHistorical: true }]),
  nothing: ({ name }) => tell([{ ...metric(name), value: null }]),
  skip: () => { client.seq = (client.seq + 3) % 256; },
  die: () => client.publishDeviceDeath(DEVICE, { timestamp: Date.now() }),
  live: () => birth(),
  again: () => { client.client.publish(...last); },
  noise: () => { client.client.publish("spBv1.0/GRAZ/DDATA/Monitor/CO2-1", Buffer.from([255, 255, 255])); },
  obey: ({ yes }) => { obeys = yes; },
  births: () => births,
  commands: () => commands.splice(0),
};

let last = []; // what a device told last
client.on("connect", () => {
  const publish = client.client.publish.bind(client.client);
  client.client.publish = (...told) => {
    if (told[0].includes("/DDATA/")) last = told;
    return publish(...told);
  };
});
client.on("connect", () => births || say({ port: 0 }));
readline.createInterface({ input: process.stdin })
  .on("line", (line) => {
    const order = JSON.parse(line);
    say({ answer: orders[order.do](order) ?? null });
  })
  .on("close", () => process.exit(0));
