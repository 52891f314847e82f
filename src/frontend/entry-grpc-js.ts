// The same frontend by grpc-js: what `npm run frontend-image -- build --transport grpc-js` puts into the image.
import { openStdio } from "../gateway/index.ts";
import { createGrpcJsTransport } from "../grpc-js/index.ts";
import { start } from "./start.ts";

start(() => openStdio({ connect: createGrpcJsTransport }));
