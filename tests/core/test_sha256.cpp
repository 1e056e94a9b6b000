#include "sim/core/sha256.hpp"

#include <catch2/catch.hpp>

#include <span>
#include <string>

namespace test_core_sha256 {

namespace {

void update(locus::sha256& hash, const std::string& text) { hash.update(std::as_bytes(std::span(text))); }

// "abc" and the empty string are the examples of FIPS 180-4; the long one is its third, a million times "a".
TEST_CASE("sha256: published examples", "[core]") {
  locus::sha256 hash;
  CHECK(hash.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  SECTION("at once") { update(hash, "abc"); }
  SECTION("in parts") {
    update(hash, "a");
    CHECK(hash.hex() == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb");
    update(hash, "bc");
  }
  CHECK(hash.hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hash.hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("sha256: a million bytes", "[core]") {
  locus::sha256 hash;
  for (int i = 0; i < 1000; ++i) update(hash, std::string(1000, 'a'));
  CHECK(hash.hex() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

}  // namespace

}  // namespace test_core_sha256
