import { isCodedError } from '@everopen/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeXml } from './escape-xml.ts';
import { readXml, XML_DEPTH_MAX, XML_ELEMENTS_MAX } from './read-xml.ts';

describe('the XML reader', () => {
  it('resolves names, entities, character references, CDATA, comments', () => {
    const root = readXml(
      `<?xml version='1.0' encoding="UTF-8" ?><!-- hello -->\n` +
        `<a:root xmlns:a="urn:a" xmlns="urn:b" a:x='1&amp;2' y="&lt;"><b>&#65;&#x42;<![CDATA[<&>]]>&gt;</b><a:c xmlns:a="urn:c"/></a:root>\n`,
    );
    expect(root).toEqual({
      namespace: 'urn:a',
      name: 'root',
      attributes: [
        { namespace: 'urn:a', name: 'x', value: '1&2' },
        { namespace: '', name: 'y', value: '<' },
      ],
      children: [
        { namespace: 'urn:b', name: 'b', attributes: [], children: [], text: 'AB<&>>' },
        { namespace: 'urn:c', name: 'c', attributes: [], children: [], text: '' },
      ],
      text: '',
    });
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['text alone', 'hello'],
    ['two roots', '<a/><b/>'],
    ['text after the root', '<a/>b'],
    ['an open element', '<a><b></b>'],
    ['a wrong end', '<a><b></a></b>'],
    ['an end too many', '<a/></a>'],
    ['a tag without an end', '<a'],
    ['an attribute without quotes', '<a b=c/>'],
    ['an attribute twice', '<a b="1" b="2"/>'],
    ['"<" in an attribute', '<a b="<"/>'],
    ['an unbound prefix', '<p:a/>'],
    ['an unbound prefix of an attribute', '<a p:b="1"/>'],
    ['a prefix bound to nothing', '<a xmlns:p=""/>'],
    ['a reserved prefix', '<a xmlns:xml="urn:x"/>'],
    ['a document type', '<!DOCTYPE a><a/>'],
    ['an entity declared', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['an unknown entity', '<a>&b;</a>'],
    ['an entity named as a property', '<a>&constructor;</a>'],
    ['a bare ampersand', '<a>b & c</a>'],
    ['a forbidden character reference', '<a>&#0;</a>'],
    ['a surrogate reference', '<a>&#xD800;</a>'],
    ['a character beyond Unicode', '<a>&#x110000;</a>'],
    ['a control character', '<a>\u0001</a>'],
    ['a processing instruction', '<a><?php echo 1 ?></a>'],
    ['a style sheet', '<?xml-stylesheet href="http://example.org/"?><a/>'],
    ['a late declaration', ' <?xml version="1.0"?><a/>'],
    ['another encoding', '<?xml version="1.0" encoding="UTF-16"?><a/>'],
    ['UTF-7', '<?xml version="1.0" encoding="UTF-7"?>+ADw-a/+AD4-'],
    ['CDATA outside', '<![CDATA[a]]><a/>'],
    ['CDATA without an end', '<a><![CDATA[b</a>'],
    [']]> in text', '<a>]]></a>'],
    ['a comment without an end', '<a><!-- </a>'],
    ['-- in a comment', '<a><!-- a -- b --></a>'],
    ['too deep', '<a>'.repeat(XML_DEPTH_MAX + 1) + '</a>'.repeat(XML_DEPTH_MAX + 1)],
    ['too many elements', `<a>${'<b/>'.repeat(XML_ELEMENTS_MAX)}</a>`],
    ['too many attributes', `<a ${Array.from({ length: 33 }, (_, n) => `b${n}=""`).join(' ')}/>`],
  ])('refuses %s', (_name, text) => {
    expect(() => readXml(text)).toThrow(expect.objectContaining({ code: 'InvalidArgument' }));
  });

  it('reads as deep and as much as it says', () => {
    expect(readXml('<a>'.repeat(XML_DEPTH_MAX) + '</a>'.repeat(XML_DEPTH_MAX)).name).toBe('a');
    expect(readXml(`<a>${'<b/>'.repeat(XML_ELEMENTS_MAX - 1)}</a>`).children).toHaveLength(
      XML_ELEMENTS_MAX - 1,
    );
  });

  it('gives back every text that was escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const root = readXml(`<a b="${escapeXml(text)}">${escapeXml(text)}</a>`);
        expect(root.text).toBe(text);
        expect(root.attributes[0]?.value).toBe(text);
      }),
    );
    expect(readXml(`<a>${escapeXml('\0<\r\n\ud800>&"\'')}</a>`).text).toBe('\ufffd<\r\n\ufffd>&"\'');
  });

  it('fuzz: a document with random damage is read or refused, never anything else', () => {
    const good = `<?xml version="1.0"?><s:E xmlns:s="urn:s"><!-- c --><s:B a="b&amp;"><c xmlns="urn:c">d<![CDATA[e]]></c></s:B></s:E>`;
    const piece = fc.constantFrom(
      '<',
      '>',
      '&',
      '"',
      '<!',
      '<![CDATA[',
      ']]>',
      '-->',
      '<!--',
      '</',
      '/>',
      ':',
      '=',
      '\0',
    );
    const damage = fc.record({
      at: fc.nat(good.length),
      remove: fc.nat(5),
      put: fc.oneof(piece, fc.string()),
    });
    let refused = 0;
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), (damages) => {
        const text = damages.reduce(
          (t, { at, remove, put }) => t.slice(0, at) + put + t.slice(at + remove),
          good,
        );
        try {
          expect(readXml(text).name).not.toBe('');
        } catch (error) {
          if (!isCodedError(error, 'InvalidArgument')) throw error;
          refused++;
        }
      }),
      { numRuns: 3_000 },
    );
    expect(refused).toBeGreaterThan(1_000);
  });
});
