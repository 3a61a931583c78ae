// The document is AsyncAPI to those who made AsyncAPI, and its examples are events to those who made CloudEvents.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Parser } from '@asyncapi/parser';
import { CloudEvent, HTTP, Kafka } from 'cloudevents';

const text = readFileSync(new URL('../../docs/asyncapi.yaml', import.meta.url), 'utf8');
const { document, diagnostics } = await new Parser().parse(text);

// AsyncAPI 3.0 on purpose: generators do not speak 3.1 yet, and the document needs nothing of it.
const ALLOWED = new Set(['asyncapi-latest-version']);

const channels = document.channels().all();
const events = channels.flatMap((channel) =>
  channel.messages().all().filter((message) => message.id() !== 'tombstone').map((message) => ({ channel, message })));

function moved(operations) {
  return new Set(operations.flatMap((operation) =>
    operation.messages().all().map((message) => `${operation.channels().all()[0].id()} ${message.name()}`)));
}

// What is encrypted on Kafka is shown in plain beside the schema of the ciphertext.
function dataOf(message, example) {
  return example.payload() ?? message.payload().extensions().get('x-plaintext-example').value();
}

function record(message, example) {
  const headers = example.headers();
  return { key: headers.ce_subject, headers, value: JSON.stringify(dataOf(message, example)) };
}

function attributes(headers) {
  const named = Object.entries(headers).filter(([name]) => name.startsWith('ce_'));
  return { ...Object.fromEntries(named.map(([name, value]) => [name.slice(3), value])), datacontenttype: headers['content-type'] };
}

function same(event, example, what) {
  for (const [name, value] of Object.entries(attributes(example.headers()))) {
    const found = name === 'time' ? Date.parse(event.time) : event[name];
    assert.equal(found, name === 'time' ? Date.parse(value) : value, `${what}: ${name}`);
  }
}

test('the official parser accepts the document without an error or a warning', () => {
  const wrong = diagnostics.filter((found) => !ALLOWED.has(found.code));
  assert.deepEqual(wrong.map((found) => `${found.code} ${found.path.join('.')}: ${found.message}`), []);
});

test('every event is sent by a service, received by another, and has a key and an example', () => {
  const operations = document.operations();
  const [sent, received] = [moved(operations.filterBySend()), moved(operations.filterByReceive())];
  assert.ok(events.length > 30);
  for (const { channel, message } of events) {
    const name = `${channel.id()} ${message.name()}`;
    assert.ok(sent.has(name), `${name} is sent by nobody`);
    assert.ok(received.has(name), `${name} is heard by nobody`);
    assert.ok(message.bindings().get('kafka').value().key, `${name} has no key`);
    assert.ok(message.examples().all().length, `${name} has no example`);
  }
});

for (const { channel, message } of events) {
  for (const example of message.examples().all()) {
    const name = `${channel.id()} ${message.name()}`;

    test(`${name}: the SDK reads the record of Kafka, in binary mode`, () => {
      const incoming = record(message, example);
      assert.ok(Kafka.isEvent(incoming));
      const event = Kafka.toEvent(incoming);
      assert.ok(event.validate());
      same(event, example, name);
      const again = Kafka.toEvent(Kafka.binary(event));
      same(again, example, `${name} again`);
      assert.deepEqual(again.data, event.data);
    });

    test(`${name}: the SDK writes and reads it in structured mode, over HTTP and Kafka`, () => {
      const event = new CloudEvent({ ...attributes(example.headers()), data: dataOf(message, example) });
      for (const again of [HTTP.toEvent(HTTP.structured(event)), Kafka.toEvent(Kafka.structured(event))]) {
        same(again, example, name);
        assert.deepEqual(again.data, event.data);
      }
    });
  }
}
