import { AMOUNT_MAX_MINOR } from '../ledger/ledger-request.ts';
import { escapeXml } from '../xml/escape-xml.ts';
import { actionOf, NAMESPACE, OPERATIONS, type Operation } from './messages.ts';

/** The WSDL 1.1 description of the service at `url`: one port type, bound to SOAP 1.1 and to SOAP 1.2. */
export function wsdl(url: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<wsdl:definitions name="Payment" targetNamespace="${NAMESPACE}" xmlns:tns="${NAMESPACE}"
    xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:xsd="http://www.w3.org/2001/XMLSchema"
    xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/">
  <wsdl:documentation>
    The first of Charge and Void decides a key for ever; repeating either gives the same answer.
    Every operation needs the shop's key: the HTTP header "authorization: Bearer KEY".
  </wsdl:documentation>
  <wsdl:types>
${SCHEMA}
  </wsdl:types>
${OPERATIONS.map(messages).join('\n')}
  <wsdl:message name="PaymentFault"><wsdl:part name="fault" element="tns:PaymentFault"/></wsdl:message>
  <wsdl:portType name="Payment">
${OPERATIONS.map(abstractOperation).join('\n')}
  </wsdl:portType>
${binding('soap')}
${binding('soap12')}
  <wsdl:service name="PaymentService">
    <wsdl:port name="PaymentSoap11" binding="tns:PaymentSoap11"><soap:address location="${escapeXml(url)}"/></wsdl:port>
    <wsdl:port name="PaymentSoap12" binding="tns:PaymentSoap12"><soap12:address location="${escapeXml(url)}"/></wsdl:port>
  </wsdl:service>
</wsdl:definitions>
`;
}

const SCHEMA = `    <xsd:schema targetNamespace="${NAMESPACE}" elementFormDefault="qualified">
      <xsd:simpleType name="Key">
        <xsd:restriction base="xsd:token"><xsd:pattern value="[A-Za-z0-9._:\\-]{1,64}"/></xsd:restriction>
      </xsd:simpleType>
      <xsd:simpleType name="Currency">
        <xsd:annotation><xsd:documentation>ISO 4217; XXX for a void before any charge</xsd:documentation></xsd:annotation>
        <xsd:restriction base="xsd:token"><xsd:pattern value="[A-Z]{3}"/></xsd:restriction>
      </xsd:simpleType>
      <xsd:simpleType name="AmountMinor">
        <xsd:annotation><xsd:documentation>Whole minor units (cents)</xsd:documentation></xsd:annotation>
        <xsd:restriction base="xsd:long">
          <xsd:minInclusive value="0"/><xsd:maxInclusive value="${AMOUNT_MAX_MINOR}"/>
        </xsd:restriction>
      </xsd:simpleType>
      <xsd:simpleType name="Outcome">
        <xsd:restriction base="xsd:token">
          <xsd:enumeration value="charged"/><xsd:enumeration value="declined"/><xsd:enumeration value="voided"/>
        </xsd:restriction>
      </xsd:simpleType>
      <xsd:complexType name="Card">
        <xsd:sequence>
          <xsd:element name="holderName" type="xsd:string"/>
          <xsd:element name="number" type="xsd:token"/>
          <xsd:element name="expiryMonth" type="xsd:int"/>
          <xsd:element name="expiryYear" type="xsd:int"/>
          <xsd:element name="securityCode" type="xsd:token"/>
        </xsd:sequence>
      </xsd:complexType>
      <xsd:complexType name="Answer">
        <xsd:sequence>
          <xsd:element name="key" type="tns:Key"/>
          <xsd:element name="outcome" type="tns:Outcome"/>
          <xsd:element name="reference" type="xsd:token"/>
          <xsd:element name="amountMinor" type="tns:AmountMinor"/>
          <xsd:element name="currency" type="tns:Currency"/>
        </xsd:sequence>
      </xsd:complexType>
      <xsd:complexType name="Entry">
        <xsd:sequence>
          <xsd:element name="number" type="xsd:long"/>
          <xsd:element name="key" type="tns:Key"/>
          <xsd:element name="outcome" type="tns:Outcome"/>
          <xsd:element name="reference" type="xsd:token"/>
          <xsd:element name="amountMinor" type="tns:AmountMinor"/>
          <xsd:element name="currency" type="tns:Currency"/>
          <xsd:element name="cardBrand" type="xsd:token" minOccurs="0"/>
          <xsd:element name="cardLastFour" type="xsd:token" minOccurs="0"/>
          <xsd:element name="decidedAtUnixMs" type="xsd:long"/>
        </xsd:sequence>
      </xsd:complexType>
      <xsd:element name="Charge">
        <xsd:complexType><xsd:sequence>
          <xsd:element name="key" type="tns:Key"/>
          <xsd:element name="amountMinor" type="tns:AmountMinor"/>
          <xsd:element name="currency" type="tns:Currency"/>
          <xsd:element name="card" type="tns:Card"/>
        </xsd:sequence></xsd:complexType>
      </xsd:element>
      <xsd:element name="ChargeResponse" type="tns:Answer"/>
      <xsd:element name="Void">
        <xsd:complexType><xsd:sequence><xsd:element name="key" type="tns:Key"/></xsd:sequence></xsd:complexType>
      </xsd:element>
      <xsd:element name="VoidResponse" type="tns:Answer"/>
      <xsd:element name="ListEntries">
        <xsd:complexType><xsd:sequence>
          <xsd:element name="after" type="xsd:long"/>
          <xsd:element name="limit" type="xsd:int"/>
        </xsd:sequence></xsd:complexType>
      </xsd:element>
      <xsd:element name="ListEntriesResponse">
        <xsd:complexType><xsd:sequence>
          <xsd:element name="entry" type="tns:Entry" minOccurs="0" maxOccurs="unbounded"/>
        </xsd:sequence></xsd:complexType>
      </xsd:element>
      <xsd:element name="PaymentFault">
        <xsd:complexType><xsd:sequence>
          <xsd:element name="code" type="xsd:token"/>
          <xsd:element name="message" type="xsd:string"/>
          <xsd:element name="remedy" type="xsd:string"/>
          <xsd:element name="field" type="xsd:token" minOccurs="0"/>
        </xsd:sequence></xsd:complexType>
      </xsd:element>
    </xsd:schema>`;

function messages(operation: Operation): string {
  return ['', 'Response']
    .map((suffix) => {
      const name = `${operation}${suffix}`;
      return `  <wsdl:message name="${name}"><wsdl:part name="parameters" element="tns:${name}"/></wsdl:message>`;
    })
    .join('\n');
}

function abstractOperation(operation: Operation): string {
  return `    <wsdl:operation name="${operation}">
      <wsdl:input message="tns:${operation}"/>
      <wsdl:output message="tns:${operation}Response"/>
      <wsdl:fault name="PaymentFault" message="tns:PaymentFault"/>
    </wsdl:operation>`;
}

function binding(prefix: 'soap' | 'soap12'): string {
  const name = prefix === 'soap' ? 'PaymentSoap11' : 'PaymentSoap12';
  const operations = OPERATIONS.map(
    (operation) => `    <wsdl:operation name="${operation}">
      <${prefix}:operation soapAction="${actionOf(operation)}"/>
      <wsdl:input><${prefix}:body use="literal"/></wsdl:input>
      <wsdl:output><${prefix}:body use="literal"/></wsdl:output>
      <wsdl:fault name="PaymentFault"><${prefix}:fault name="PaymentFault" use="literal"/></wsdl:fault>
    </wsdl:operation>`,
  );
  return `  <wsdl:binding name="${name}" type="tns:Payment">
    <${prefix}:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
${operations.join('\n')}
  </wsdl:binding>`;
}
