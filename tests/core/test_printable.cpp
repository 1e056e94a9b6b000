#include "sim/core/printable.hpp"

#include <catch2/catch.hpp>

namespace test_core_printable {

using locus::is_utf8;
using locus::printable;

TEST_CASE("printable: text stays as it is") {
  for (const char* text :
       {"", "hidden1.value.x[3]", "\xcf\x86 \xe2\x82\xac \xf0\x9f\xa7\xa0", "a \"b\" 'c' \\n `d`", "\xc2\xa0"}) {
    CHECK(printable(text) == text);
  }
}

TEST_CASE("printable: what a terminal could take for a command is written out") {
  CHECK(printable("a\x1b[31mred\x1b[0m") == "a\\u001B[31mred\\u001B[0m");
  CHECK(printable("\x1b]0;title\x07") == "\\u001B]0;title\\u0007");
  CHECK(printable("one\ntwo\tthree\r\x7f") == "one\\ntwo\\tthree\\r\\u007F");
  CHECK(printable("\xc2\x9b"
                  "31m") == "\\u009B31m");  // the same command as ESC [
  CHECK(printable("\xc2\x80\xc2\x9f\xc2\xa0") == "\\u0080\\u009F\xc2\xa0");
  CHECK(printable(std::string_view("\0b", 2)) == "\\u0000b");
  CHECK(printable("\xe2\x80\xae"
                  "gpj.exe\xe2\x81\xa6\xe2\x80\xa8") == "\\u202Egpj.exe\\u2066\\u2028");
}

TEST_CASE("printable: bytes that are no characters are written out") {
  CHECK(printable("\x9b"
                  "31m") == "\\x9B31m");  // a terminal that reads bytes takes it for ESC [
  CHECK(printable("\xff\xfe") == "\\xFF\\xFE");
  CHECK(printable("a\xc2") == "a\\xC2");
  CHECK(printable("\xe2\x82") == "\\xE2\\x82");
  CHECK(printable("\xc0\x9b") == "\\xC0\\x9B");                    // an overlong form
  CHECK(printable("\xe0\x82\x9b") == "\\xE0\\x82\\x9B");           // another
  CHECK(printable("\xed\xa0\x80") == "\\xED\\xA0\\x80");           // half of a pair
  CHECK(printable("\xf4\x90\x80\x80") == "\\xF4\\x90\\x80\\x80");  // beyond the last character
  CHECK(printable("\xc2\x1b[") == "\\xC2\\u001B[");
}

TEST_CASE("printable: a text of several lines may keep them") {
  CHECK(printable("[circuit]\n\tlanes = 1\r\n\x1b", true) == "[circuit]\n\tlanes = 1\\r\n\\u001B");
}

TEST_CASE("printable: all that comes out is harmless, and the same the second time") {
  std::uint32_t state = 1;
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (int k = 0; k < 20; ++k) {
      state = state * 1664525u + 1013904223u;
      text += static_cast<char>(state >> 24u);
    }
    const std::string shown = printable(text);
    for (const char c : shown) CHECK((static_cast<unsigned char>(c) >= 0x20 && c != 0x7f));
    CHECK(printable(shown) == shown);
    CHECK(is_utf8(shown));
    CHECK(is_utf8(text) == (shown.find("\\x") == std::string::npos));
  }
}

TEST_CASE("UTF-8: well-formed or not") {
  for (const char* text : {"", "a", "\x7f", "\u00e9", "\u20ac", "\U0001f40c", "\u00e9a"}) CHECK(is_utf8(text));
  for (const char* text : {"\x80", "\xe9", "a\xe2\x82", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"})
    CHECK_FALSE(is_utf8(text));
}

}  // namespace test_core_printable
