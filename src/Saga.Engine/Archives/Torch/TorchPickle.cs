using System.Buffers.Binary;
using System.Text;

namespace Saga.Engine.Archives.Torch;

/// <summary>A dictionary as a pickle builds it: pairs in order of insertion.</summary>
internal sealed class PickleDictionary
{
    public List<(object? Key, object? Value)> Items { get; } = [];
}

/// <summary>
/// Reads the pickle of a torch file. A pickle is a program for a stack machine that can call anything; this machine has the
/// opcodes that torch.save writes for tensors (protocol 2), knows the few names of <see cref="TorchGlobals"/>, calls nothing
/// else and refuses every other opcode by name and offset.
/// </summary>
/// <remarks>
/// Values: null, bool, long, double, string, List (list), object?[] (tuple), <see cref="PickleDictionary"/>, <see cref="TorchGlobal"/>,
/// <see cref="TorchStorage"/>, <see cref="TorchTensor"/>.
/// </remarks>
internal sealed class TorchPickle(byte[] pickle)
{
    private const int Protocol = 2;
    private const int MaxStack = 1 << 20;
    private const int MaxNameBytes = 256;

    private static readonly object Mark = new();

    private readonly List<object?> _stack = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private int _position;

    /// <summary>The pickled value.</summary>
    /// <exception cref="InvalidArchiveException">The pickle is damaged, or holds an opcode or a name that tensors do not need.</exception>
    public object? Read()
    {
        while (true)
        {
            int offset = _position;
            byte opcode = ReadBytes(1)[0];
            if (opcode == (byte)'.')
            {
                return Pop();
            }

            Execute(opcode, offset);
        }
    }

    private void Execute(byte opcode, int offset)
    {
        switch (opcode)
        {
            case 0x80:
                ReadProtocol();
                break;
            case (byte)'c':
                Push(TorchGlobals.Find(ReadLine(), ReadLine(), offset));
                break;
            case (byte)'q':
                _memo[ReadBytes(1)[0]] = Peek();
                break;
            case (byte)'r':
                _memo[BinaryPrimitives.ReadUInt32LittleEndian(ReadBytes(4))] = Peek();
                break;
            case (byte)'h':
                Push(Recall(ReadBytes(1)[0]));
                break;
            case (byte)'j':
                Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(ReadBytes(4))));
                break;
            case (byte)'(':
                Push(Mark);
                break;
            case (byte)'N':
                Push(null);
                break;
            case 0x88:
                Push(true);
                break;
            case 0x89:
                Push(false);
                break;
            case (byte)'J':
                Push((long)BinaryPrimitives.ReadInt32LittleEndian(ReadBytes(4)));
                break;
            case (byte)'K':
                Push((long)ReadBytes(1)[0]);
                break;
            case (byte)'M':
                Push((long)BinaryPrimitives.ReadUInt16LittleEndian(ReadBytes(2)));
                break;
            case 0x8A:
                Push(ReadLong());
                break;
            case (byte)'G':
                Push(BinaryPrimitives.ReadDoubleBigEndian(ReadBytes(8)));
                break;
            case (byte)'X':
                Push(ReadText());
                break;
            case (byte)')':
                Push(Array.Empty<object?>());
                break;
            case 0x85 or 0x86 or 0x87:
                Push(PopMany(opcode - 0x84));
                break;
            case (byte)'t':
                Push(PopToMark());
                break;
            case (byte)']':
                Push(new List<object?>());
                break;
            case (byte)'a':
                Append([Pop()]);
                break;
            case (byte)'e':
                Append(PopToMark());
                break;
            case (byte)'}':
                Push(new PickleDictionary());
                break;
            case (byte)'s':
                SetItems(PopMany(2));
                break;
            case (byte)'u':
                SetItems(PopToMark());
                break;
            case (byte)'Q':
                Push(TorchGlobals.ReadStorage(Pop(), offset));
                break;
            case (byte)'R':
                Reduce(offset);
                break;
            case (byte)'b':
                Build(offset);
                break;
            default:
                throw Refuse($"the opcode {PickleOpcodes.Name(opcode)} at byte {offset} is not one that tensors need; it was not executed");
        }
    }

    private void ReadProtocol()
    {
        int protocol = ReadBytes(1)[0];
        if (protocol != Protocol)
        {
            throw Refuse($"the pickle protocol is {protocol}; torch.save writes {Protocol} unless told otherwise");
        }
    }

    private void Reduce(int offset)
    {
        object? arguments = Pop();
        object? callable = Pop();
        if (callable is not TorchGlobal global || arguments is not object?[] tuple)
        {
            throw Refuse($"the call at byte {offset} is not to a known function");
        }

        Push(TorchGlobals.Call(global, tuple, offset));
    }

    // A state dictionary carries a _metadata attribute; nothing in it is needed.
    private void Build(int offset)
    {
        Pop();
        if (Peek() is not PickleDictionary)
        {
            throw Refuse($"the state at byte {offset} belongs to something that is not a dictionary");
        }
    }

    private void Append(object?[] items)
    {
        if (Peek() is not List<object?> list)
        {
            throw Refuse($"byte {_position - 1} appends to something that is not a list");
        }

        list.AddRange(items);
    }

    private void SetItems(object?[] keysAndValues)
    {
        if (Peek() is not PickleDictionary dictionary || keysAndValues.Length % 2 != 0)
        {
            throw Refuse($"byte {_position - 1} sets items of something that is not a dictionary");
        }

        for (int i = 0; i < keysAndValues.Length; i += 2)
        {
            dictionary.Items.Add((keysAndValues[i], keysAndValues[i + 1]));
        }
    }

    private long ReadLong()
    {
        int length = ReadBytes(1)[0];
        if (length > sizeof(long))
        {
            throw Refuse($"an integer of {length} bytes ends at byte {_position}; 8 are enough for a tensor");
        }

        long value = 0;
        ReadOnlySpan<byte> bytes = ReadBytes(length);
        for (int i = 0; i < length; i++)
        {
            value |= (long)bytes[i] << (8 * i);
        }

        int unused = 64 - 8 * length;
        return length == 0 ? 0 : value << unused >> unused;
    }

    private string ReadText()
    {
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(ReadBytes(4));
        return length <= int.MaxValue
            ? Encoding.UTF8.GetString(ReadBytes((int)length))
            : throw Refuse($"a text of {length} bytes begins at byte {_position}");
    }

    private string ReadLine()
    {
        int length = pickle.AsSpan(_position).IndexOf((byte)'\n');
        if (length is < 0 or > MaxNameBytes)
        {
            throw Refuse($"a name at byte {_position} does not end");
        }

        string line = Encoding.UTF8.GetString(ReadBytes(length));
        _position++;
        return line;
    }

    private ReadOnlySpan<byte> ReadBytes(int count)
    {
        if (count > pickle.Length - _position)
        {
            throw Refuse($"it ends early: {count} bytes were expected at byte {_position} of {pickle.Length}");
        }

        ReadOnlySpan<byte> bytes = pickle.AsSpan(_position, count);
        _position += count;
        return bytes;
    }

    private object? Recall(uint key) =>
        _memo.TryGetValue(key, out object? value) ? value : throw Refuse($"byte {_position} recalls value {key}, which was never stored");

    private void Push(object? value)
    {
        if (_stack.Count == MaxStack)
        {
            throw Refuse($"its stack grows beyond {MaxStack} values");
        }

        _stack.Add(value);
    }

    private object? Peek() =>
        _stack.Count > 0 && _stack[^1] != Mark ? _stack[^1] : throw Refuse($"byte {_position} needs a value that is not there");

    private object? Pop()
    {
        object? value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object?[] PopMany(int count)
    {
        var values = new object?[count];
        for (int i = count - 1; i >= 0; i--)
        {
            values[i] = Pop();
        }

        return values;
    }

    private object?[] PopToMark()
    {
        int mark = _stack.LastIndexOf(Mark);
        if (mark < 0)
        {
            throw Refuse($"byte {_position} needs a mark that is not there");
        }

        object?[] values = [.. _stack.Skip(mark + 1)];
        _stack.RemoveRange(mark, _stack.Count - mark);
        return values;
    }

    private static InvalidArchiveException Refuse(string what) => new($"The torch file's pickle is refused: {what}.");
}
