import type { Answer, Message } from './answer.ts';
import { DETAIL_LIMIT, type DecodeError, LINE_LIMIT } from './errors.ts';

/** A 64 KiB input can hold some 20,000 bad lines; nobody reads more than the first few. */
const ERROR_LIMIT = 100;

/** Where the parts of the decoder put what they find. */
export class Sink implements Answer {
  readonly messages: Message[] = [];
  readonly errors: DecodeError[] = [];
  /** The line being read, quoted by errors. */
  line: string | undefined;

  /** Add an error; `context` says which ECU, mode and PID it belongs to. */
  error(code: DecodeError['code'], detail: string, context: ErrorContext = {}): void {
    if (this.errors.length > ERROR_LIMIT) return;
    if (this.errors.length === ERROR_LIMIT) {
      this.errors.push({ code: 'too-many-errors', detail: `only the first ${ERROR_LIMIT} errors are listed` });
      return;
    }
    const error: { -readonly [K in keyof DecodeError]: DecodeError[K] } = {
      code,
      detail: detail.slice(0, DETAIL_LIMIT),
    };
    if (this.line !== undefined) error.line = this.line.slice(0, LINE_LIMIT);
    if (context.ecu !== undefined) error.ecu = context.ecu;
    if (context.mode !== undefined) error.mode = context.mode;
    if (context.pid !== undefined) error.pid = context.pid;
    if (context.nrc !== undefined) error.nrc = context.nrc;
    this.errors.push(error);
  }

  /** The finished answer, without this object's working state. */
  answer(): Answer {
    return { messages: this.messages, errors: this.errors };
  }
}

interface ErrorContext {
  ecu?: string | undefined;
  mode?: number;
  pid?: number;
  nrc?: number;
}
