/** Failures as Kubernetes tells them (meta/v1 Status); clients go by reason and code. */
const reasons = {
  400: 'BadRequest',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  410: 'Expired',
  429: 'TooManyRequests',
} as const;

export interface Status {
  code: keyof typeof reasons;
  message: string;
  details?: { name?: string; group?: string; kind?: string };
}

export function statusBody({ code, message, details = {} }: Status) {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: reasons[code],
    details,
    code,
  };
}
