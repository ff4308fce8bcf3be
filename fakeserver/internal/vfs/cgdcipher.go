package vfs

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"encoding/binary"

	//lint:ignore SA1019 disks that were encrypted with it must be read
	"golang.org/x/crypto/blowfish"
)

// cgdCipher encrypts sectors as cgd(4) does: in CBC mode, with an initialization
// vector that is the sector's number, encrypted.
type cgdCipher struct {
	block  cipher.Block
	prefix int // bytes that the number is padded to before it is encrypted
}

// cgdBlocks are the ciphers, with the length of their blocks in bits. They return
// nil for a key of a length that they do not take.
var cgdBlocks = map[string]struct {
	bits uint64
	make func(key []byte) (cipher.Block, error)
	fits func(bits uint64) bool
}{
	"aes-cbc":  {128, aes.NewCipher, func(bits uint64) bool { return bits == 128 || bits == 192 || bits == 256 }},
	"3des-cbc": {64, des.NewTripleDESCipher, func(bits uint64) bool { return bits == 192 }},
	"blowfish-cbc": {
		64, func(key []byte) (cipher.Block, error) { return blowfish.NewCipher(key) },
		func(bits uint64) bool { return bits >= 40 && bits <= 448 && bits%8 == 0 },
	},
}

// cgdModes are the ways to make initialization vectors, with what the length of a
// block in bits is divided by to give that of the number in bytes. The first
// releases had these mixed up, which encblkno8 keeps.
var cgdModes = map[string]struct {
	mode   int32
	divide int
}{"encblkno": {1, 1}, "encblkno8": {1, 1}, "encblkno1": {2, 8}}

// iv is the initialization vector of a sector.
func (c *cgdCipher) iv(sector uint64) []byte {
	b := make([]byte, c.prefix)
	binary.LittleEndian.PutUint64(b, sector)
	cipher.NewCBCEncrypter(c.block, make([]byte, c.block.BlockSize())).CryptBlocks(b, b)
	return b[len(b)-c.block.BlockSize():]
}

func (c *cgdCipher) encrypt(b []byte, sector uint64) {
	cipher.NewCBCEncrypter(c.block, c.iv(sector)).CryptBlocks(b, b)
}

func (c *cgdCipher) decrypt(b []byte, sector uint64) {
	cipher.NewCBCDecrypter(c.block, c.iv(sector)).CryptBlocks(b, b)
}
