namespace Saga.Engine.Rasterization.Cpu;

/// <summary>Receives the tiles that a Gaussian touches; a struct, so that each use compiles to its own loop.</summary>
internal interface ITileVisitor
{
    /// <summary>The Gaussian touches the tiles first..last of one tile row, both inclusive.</summary>
    void Visit(int first, int last);
}
