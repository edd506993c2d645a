/** Configuration that cannot be used; the message names the file or variable and the key. Exit code 78. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
