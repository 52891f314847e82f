/** The version of the command, which is that of package.json. */
export const VERSION = "0.1.0";
