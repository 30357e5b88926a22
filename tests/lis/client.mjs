// What an integrator of a laboratory information system writes, with nothing
// of Densa but its .proto files: health, models, one micrograph, and a stream
// of several that sends while results come in.
//
//   node client.mjs HOST:PORT IMAGE...
//
// Prints one JSON object. The first image is also sent alone; one more, which
// is no image, is sent in the middle of the stream.
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import protobuf from "protobufjs";

const here = dirname(fileURLToPath(import.meta.url));
const protos = join(here, "..", "..", "protos");
const options = { keepCase: false, longs: Number, enums: String, defaults: true, oneofs: true };

const api = grpc.loadPackageDefinition(
  loadSync(
    ["densa/v1/classification_service.proto", "densa/v1/model_service.proto", join(here, "health.proto")],
    { ...options, includeDirs: [protos] },
  ),
);

const details = new protobuf.Root();
details.resolvePath = (_, path) => join(protos, path);
details.loadSync("google/rpc/error_details.proto");

// A google.rpc.Status as { code, reason, field, message }.
function readStatus(status) {
  const read = { code: status.code, message: status.message, reason: "", field: "" };
  for (const detail of status.details) {
    const type = details.lookupType(detail.type_url.split("/").pop());
    const message = type.toObject(type.decode(detail.value), { arrays: true });
    read.reason = message.reason ?? read.reason;
    read.field = message.fieldViolations?.[0]?.field ?? read.field;
  }
  return read;
}

function call(client, method, request) {
  const deadline = Date.now() + 60_000;
  return new Promise((resolve, reject) => {
    client[method](request, { deadline }, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
}

function stream(client, micrographs) {
  return new Promise((resolve, reject) => {
    const seen = { job: "", accepted: [], rejected: {}, results: {}, order: [] };
    const waiting = [...micrographs];
    const duplex = client.classifyMicrographs({ deadline: Date.now() + 60_000 });

    function sendNext() {
      const micrograph = waiting.shift();
      if (micrograph) duplex.write({ micrograph });
      else duplex.end();
    }

    duplex.on("data", (message) => {
      seen.order.push(message.response);
      if (message.response === "jobOpened") {
        seen.job = message.jobOpened.job;
        sendNext();
      } else if (message.response === "accepted") {
        seen.accepted.push(message.accepted.imageId);
        sendNext();
      } else if (message.response === "rejected") {
        seen.rejected[message.rejected.imageId] = readStatus(message.rejected.error);
        sendNext();
      } else if (message.response === "result") {
        const { imageId, caseId, outcome, classification, error } = message.result;
        seen.results[imageId] =
          outcome === "classification" ? { caseId, classification } : { caseId, error: readStatus(error) };
      }
    });
    duplex.on("error", reject);
    duplex.on("end", () => resolve(seen));
    duplex.write({ openJob: {} });
  });
}

const [address, ...files] = process.argv.slice(2);
const insecure = grpc.credentials.createInsecure();
const limits = { "grpc.max_send_message_length": -1 };
const classifier = new api.densa.v1.ClassificationService(address, insecure, limits);
const models = new api.densa.v1.ModelService(address, insecure);
const health = new api.grpc.health.v1.Health(address, insecure);

const micrographs = files.map((file) => ({
  imageId: basename(file),
  image: readFileSync(file),
  caseId: "biopsy 17",
  pixelSizeNm: 12.5,
}));
const noImage = { imageId: "no image", image: Buffer.from("this is text"), caseId: "biopsy 17" };

const { status } = await call(health, "check", { service: "densa.v1.ClassificationService" });
const { model } = await call(models, "getModel", {});
const one = await call(classifier, "classifyMicrograph", { micrograph: micrographs[0] });
const many = await stream(classifier, [micrographs[0], noImage, ...micrographs.slice(1)]);
console.log(JSON.stringify({ status, model, one: one.classification, many }));
for (const client of [classifier, models, health]) client.close();
