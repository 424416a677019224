namespace Saga.Engine.Archives.Torch;

/// <summary>Names of pickle opcodes, for messages.</summary>
internal static class PickleOpcodes
{
    /// <summary>The opcode's name and value.</summary>
    public static string Name(byte opcode)
    {
        string name = opcode switch
        {
            (byte)'i' => "INST",
            (byte)'o' => "OBJ",
            (byte)'P' => "PERSID",
            (byte)'I' => "INT",
            (byte)'L' => "LONG",
            (byte)'F' => "FLOAT",
            (byte)'S' => "STRING",
            (byte)'V' => "UNICODE",
            (byte)'U' => "SHORT_BINSTRING",
            (byte)'T' => "BINSTRING",
            (byte)'C' => "SHORT_BINBYTES",
            (byte)'B' => "BINBYTES",
            (byte)'0' => "POP",
            (byte)'1' => "POP_MARK",
            (byte)'2' => "DUP",
            (byte)'d' => "DICT",
            (byte)'l' => "LIST",
            0x81 => "NEWOBJ",
            0x82 or 0x83 or 0x84 => "EXT",
            0x8B => "LONG4",
            0x8C => "SHORT_BINUNICODE",
            0x8D => "BINUNICODE8",
            0x92 => "NEWOBJ_EX",
            0x93 => "STACK_GLOBAL",
            0x94 => "MEMOIZE",
            0x95 => "FRAME",
            0x96 => "BYTEARRAY8",
            0x97 => "NEXT_BUFFER",
            _ => "unknown",
        };
        return FormattableString.Invariant($"{name} (0x{opcode:X2})");
    }
}
