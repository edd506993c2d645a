/** An object as it would be applied. Of its spec, each test names the part that it looks at. */
export interface Manifest<Spec = unknown> {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Names; annotations?: Names };
  spec: Spec;
}

type Names = Record<string, string>;

export interface Container {
  name?: string;
  image: string;
  env?: { name: string; value?: string; valueFrom?: { secretKeyRef?: { name: string } } }[];
  ports?: { containerPort: number }[];
  resources: object;
  securityContext: object;
  volumeMounts?: { name: string }[];
}

export interface PodSpec {
  automountServiceAccountToken?: boolean;
  securityContext?: object;
  containers: Container[];
  volumes?: {
    name: string;
    secret?: { secretName: string };
    configMap?: { name: string };
    persistentVolumeClaim?: { claimName: string };
  }[];
}

/** Deployments, StatefulSets, Jobs, Services of Knative. */
export interface Templated {
  template: { metadata: { annotations?: Names }; spec: PodSpec };
}

interface Ref {
  ref: { name: string };
}

export interface TriggerSpec {
  broker: string;
  subscriber: Ref;
  delivery?: { deadLetterSink?: Ref };
  /** As the shards have them. */
  filters?: [{ any: { exact: { type: string } }[] }, { any: { exact: { fleetshard: string } }[] }];
}

export interface PingSourceSpec {
  sink: Ref;
}

export interface NetworkPolicySpec {
  podSelector?: object;
  ingress?: { from?: object[]; ports?: object[] }[];
  egress?: { to?: object[] }[];
}

/** Of a Role the rules stand beside where others have their spec. */
export interface Role extends Manifest {
  rules: { resourceNames?: string[] }[];
}

export interface ApplicationSpec {
  source: { repoURL: string; path: string };
  destination: object;
}

/** `apiVersion kind namespace/name`, for messages. */
export function nameOf({ apiVersion, kind, metadata: { namespace, name } }: Manifest): string {
  return `${apiVersion} ${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
