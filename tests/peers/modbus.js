// A Modbus TCP device by modbus-serial: its own reading of the protocol, and its own of numbers in registers.
// One JSON order a line on stdin, one JSON answer a line on stdout. PORT (0 for any) is the only argument.
"use strict";
const readline = require("readline");
const { createRequire } = require("module");
const { ServerTCP } = createRequire(process.env.PEERS + "/")("modbus-serial");

const memory = { holding: {}, input: {}, coil: {}, discrete: {} };
const faults = {};
const written = [];

function at(kind, address) {
  if (faults[address]) throw { modbusErrorCode: faults[address] };
  return memory[kind][address] || 0;
}

function keep(kind, address, value) {
  if (faults[address]) throw { modbusErrorCode: faults[address] };
  written.push(address);
  memory[kind][address] = value;
}

const vector = {
  getHoldingRegister: (address) => at("holding", address),
  getInputRegister: (address) => at("input", address),
  getCoil: (address) => Boolean(at("coil", address)),
  getDiscreteInput: (address) => Boolean(at("discrete", address)),
  setRegister: (address, value) => keep("holding", address, value),
  setCoil: (address, value) => keep("coil", address, value ? 1 : 0),
  readDeviceIdentification: () => ({ 0x00: "Peer Works", 0x01: "Chamber 160", 0x02: "2.4" }),
};

const TYPES = {
  int16: ["Int16BE", 2], uint16: ["UInt16BE", 2], int32: ["Int32BE", 4], uint32: ["UInt32BE", 4],
  int64: ["BigInt64BE", 8], uint64: ["BigUInt64BE", 8], float32: ["FloatBE", 4], float64: ["DoubleBE", 8],
};

// Buffer.swap16 turns the bytes of each register, a reversed list of pairs turns the registers.
function ordered(buffer, { bytes, words }) {
  const turned = Buffer.from(buffer);
  if (bytes === "little") turned.swap16();
  if (words !== "little") return turned;
  const pairs = [];
  for (let i = 0; i < turned.length; i += 2) pairs.unshift(turned.subarray(i, i + 2));
  return Buffer.concat(pairs);
}

const orders = {
  put(order) {
    const [name, size] = TYPES[order.type];
    const buffer = Buffer.alloc(size);
    buffer["write" + name](name.startsWith("Big") ? BigInt(order.value) : Number(order.value));
    const turned = ordered(buffer, order);
    for (let i = 0; i < size; i += 2) memory[order.kind][order.address + i / 2] = turned.readUInt16BE(i);
    return null;
  },
  get(order) {
    const [name, size] = TYPES[order.type];
    const buffer = Buffer.alloc(size);
    for (let i = 0; i < size; i += 2) buffer.writeUInt16BE(memory[order.kind][order.address + i / 2] || 0, i);
    return String(ordered(buffer, order)["read" + name]());
  },
  bit: (order) => { memory[order.kind][order.address] = order.value; return null; },
  fault: (order) => { faults[order.address] = order.code; return null; },
  written: () => written.splice(0),
};

new ServerTCP(vector, { host: "127.0.0.1", port: process.argv[2], unitID: 1 })
  .on("socketError", () => {})
  .on("serverError", (error) => { throw error; })
  .on("initialized", function () { console.log(JSON.stringify({ port: this._server.address().port })); });

readline.createInterface({ input: process.stdin })
  .on("line", (line) => {
    const order = JSON.parse(line);
    console.log(JSON.stringify({ answer: orders[order.do](order) }));
  })
  .on("close", () => process.exit(0));
