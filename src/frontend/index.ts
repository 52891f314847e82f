export { FRONTEND_CAPS } from "./caps.ts";
export { main } from "./main.ts";
