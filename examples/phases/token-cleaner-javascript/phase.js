// The phase `example.token-cleaner`: deletes bootstrap tokens that have expired, as kube-controller-manager does where one runs.

import { isAfter, parseTime } from "./time.js";

const NAMESPACE = "kube-system";
const PREFIX = "bootstrap-token-";
const TOKEN_TYPE = "bootstrap.kubernetes.io/token";
const SECRETS = { group: "", version: "v1", plural: "secrets", kind: "Secret" };

export const phase = {
  describe() {
    const permission = {
      access: ["read", "delete"],
      of: SECRETS,
      namespace: NAMESPACE,
      names: [`${PREFIX}*`],
      reveal: ["expiration"],
      reason: "finds the expired tokens and deletes them",
    };
    const apply = {
      name: "apply",
      summary: "delete the expired tokens",
      parameters: '{"type":"object"}',
      permissions: [permission],
    };
    return {
      id: "example.token-cleaner",
      version: "0.1.0",
      summary: "delete bootstrap tokens that have expired",
      tasks: [apply],
    };
  },

  need(request) {
    checkTask(request);
    const all = { of: SECRETS, namespace: NAMESPACE, labelSelector: "", fieldSelector: "" };
    return { reads: [{ tag: "many", val: all }], random: [] };
  },

  planFor(request) {
    checkTask(request);
    const now = parseTime(request.now);
    if (now === null) {
      throw { tag: "other", val: `now is not a time: \`${request.now}\`` };
    }
    const operations = [];
    const findings = [];
    const tokens = request.observed.flatMap(({ objects }) => objects.map(parse)).filter(({ type }) => type === TOKEN_TYPE);
    for (const { metadata, stringData } of tokens) {
      const expiration = stringData?.expiration;
      if (!expiration) {
        findings.push(neverExpires(metadata.name));
        continue;
      }
      const reason = reasonToDelete(expiration, now);
      if (reason !== null) {
        operations.push(deletion(metadata.name, reason));
      }
    }
    const expired = operations.length;
    const notes = expired > 0 ? [`[token-cleaner] ${expired} of ${tokens.length} tokens have expired`] : [];
    return { operations, findings, notes, outputs: [] };
  },
};

// What is thrown is the failure of the contract.
function checkTask({ task }) {
  if (task !== "apply") {
    throw { tag: "unsupported", val: `task \`${task}\` is not known` };
  }
}

function parse(object) {
  try {
    return JSON.parse(object);
  } catch {
    throw { tag: "other", val: "an observed object is not JSON" };
  }
}

// Why a token with this expiration has to go; null if it does not. Kubernetes too takes what it cannot read as expired.
function reasonToDelete(expiration, now) {
  const time = parseTime(expiration);
  if (time === null) {
    return "its expiration is not a time";
  }
  return isAfter(time, now) ? null : `expired at ${expiration}`;
}

function deletion(name, reason) {
  return { id: `delete-${name}`, target: secret(name), action: { tag: "delete" }, when: "as-observed", after: [], reason };
}

function neverExpires(name) {
  const id = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
  return {
    rule: "no-expiration",
    severity: "medium",
    title: `token \`${id}\` never expires`,
    detail: "",
    target: secret(name),
    remedy: [],
    references: [],
  };
}

function secret(name) {
  return { of: SECRETS, namespace: NAMESPACE, name };
}
