/** Exit codes, as sysexits.h names them. The help text and the documentation list them from here. */
export const exitCodes = {
  /** `fleet doctor` found something to do. */
  unhealthy: 1,
  /** The command line was wrong (EX_USAGE). */
  usage: 64,
  /** The data was refused, or there is nothing of that id (EX_DATAERR). */
  data: 65,
  /** An input file is missing or unreadable (EX_NOINPUT). */
  noInput: 66,
  /** The server cannot be reached (EX_UNAVAILABLE). */
  unavailable: 69,
  /** The server failed, or we did (EX_SOFTWARE). */
  internal: 70,
  /** The server is busy or its store is down: try again (EX_TEMPFAIL). */
  temporary: 75,
  /** No token, or not one that may do this (EX_NOPERM). */
  auth: 77,
  /** A setting or tokens.json is wrong (EX_CONFIG). */
  config: 78,
} as const;

/** A failure with one clear line for the user. */
export class CliError extends Error {
  readonly exitCode: number;
  constructor(kind: keyof typeof exitCodes, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCodes[kind];
  }
}
